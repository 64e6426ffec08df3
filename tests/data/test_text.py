"""Text in every encoding, told or seen, and what is none."""

from pathlib import Path

import pytest
from files import PACK, read, told

TEXT = "näme,n\nZoë,1\n\nJürgen,2\n"


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-8"),
        ("utf-32", "utf-8"),
        ("utf-16", "latin-1"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("latin-1", "latin-1"),
        ("cp1252", "windows-1252"),
        ("cp500", "cp500"),
        ("utf-8-sig", "utf-8-sig"),
    ],
)
@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("block", [3, 1 << 20])
def test_encodings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str, encoding: str, packing: str, block: int
) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", max(block, 4))
    table = read(tmp_path, PACK[packing](TEXT.encode(codec)), f"t.csv{packing}", encoding=encoding)
    assert table.frame.to_dict(as_series=False) == {"näme": ["Zoë", "Jürgen"], "n": [1, 2]}
    assert table.where(1).endswith(":4")


@pytest.mark.parametrize(
    ("content", "encoding", "line", "hint"),
    [
        ("a,b\n1,2\nZoë,3\n".encode("latin-1"), "utf-8", 3, "latin-1"),
        ("ä,b\n1,2\n".encode("latin-1"), "utf-8", 1, "latin-1"),
        ("a,b\n1,2\n“x”,é\n".encode("cp1252"), "utf-8", 3, "cp1252"),
        ("a,b\n1,2\nZoë,3\n".encode(), "ascii", 3, "utf-8"),
        ("a,b\n1,Í\n".encode(), "cp1252", 2, "utf-8"),
        ("a,b\nü,2\n".encode("utf-16")[:-3], "utf-8", 2, ""),  # cut short
        ("a,b\n1,2\n".encode("utf-16-le"), "utf-8", 1, "utf-16-le"),
        ("a,b\n1,2\n".encode("utf-16-be"), "utf-8", 1, "utf-16-be"),
    ],
)
def test_the_wrong_encoding(tmp_path: Path, content: bytes, encoding: str, line: int, hint: str) -> None:
    message = told(tmp_path, content, encoding=encoding)
    assert message.startswith(f"t.csv:{line}: ")
    assert message.endswith(f"hint: `data.encoding: {hint}`" if hint else "hint: the file may be cut short")
