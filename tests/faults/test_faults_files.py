"""Checkpoints and runs from a stranger: at worst they are refused."""

import json
import os
import pickle
import random
import resource
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import changed, opened, sealed
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load
from small import Program, small_table
from tiny import checkpoints, figures

from netrain.commands.inspect import inspect, lines
from netrain.errors import CheckpointError, NetrainError, NewerCheckpointError
from netrain.runs.bundle import load_bundle
from netrain.runs.run import Run
from netrain.talk import neutral
from netrain.training import checkpoint as format_
from netrain.training.checkpoint import KEY, METADATA, canonical, pack

RICH = """\
data:
  path: table.csv
  target: label
  columns: {value: drop, city: {name: categorical, encode: embedding}, z: {name: numeric, scale: quantile}}
model: {name: mlp, hidden: [4], norm: batch}
training: {epochs: 2, stop: never, average: ema}
"""


@pytest.fixture
def small(netrain: Program, tiny: Path, tmp_path: Path) -> Path:
    """The smallest checkpoint there is: one number, one weight."""
    small_table().select("x", "value").write_csv(tmp_path / "table.csv")
    tiny.write_text("data: {path: table.csv, target: value}\nmodel: linear\ntraining: {epochs: 1, stop: never}\n")
    assert netrain("train", tiny, "--run-dir", "small", "-q").code == 0
    return tmp_path / "small/checkpoints/last.safetensors"


def refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        load_bundle(path)
    except CheckpointError:
        return True
    return False


EVERY = pytest.param(1, marks=pytest.mark.slow)


@pytest.mark.parametrize("step", [EVERY, 11])
def test_every_byte_flipped_is_refused(small: Path, tmp_path: Path, step: int) -> None:
    content = bytearray(small.read_bytes())
    path = tmp_path / "flipped.safetensors"
    assert not refused(path, content)
    for place in range(0, len(content), step):
        for flip in (0xFF, 1 << place % 8):
            content[place] ^= flip
            assert refused(path, content), f"byte {place} ^ {flip}"
            content[place] ^= flip


def test_every_space_in_the_header_is_part_of_it(small: Path, tmp_path: Path) -> None:
    """Where JSON does not care, we do: padding and spelling are as they were written."""
    content = small.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, data = content[8 : 8 + size], content[8 + size :]
    told = json.loads(header)
    spelled = json.dumps(told).encode()
    for other in (header.rstrip() + b"\n" * 8, header + b" " * 8, b" " + header, spelled):
        assert refused(tmp_path / "s.safetensors", len(other).to_bytes(8, "little") + other + data)


@pytest.mark.parametrize("step", [EVERY, 11])
def test_every_length_is_refused(small: Path, tmp_path: Path, netrain: Program, step: int) -> None:
    content = small.read_bytes()
    path = tmp_path / "cut.safetensors"
    for length in range(0, len(content), step):
        assert refused(path, content[:length]), length
    assert refused(path, content + b"\0")
    for length in (0, 7, 8, 100, len(content) - 1):
        path.write_bytes(content[:length])
        for command in (("inspect", path), ("evaluate", path), ("predict", "table.csv", "-c", path)):
            told = netrain(*command)
            assert (told.code, told.out) == (4, ""), told
            assert told.err.startswith((f"error: {path}: ", f"error: {path.name}: ")), told
            assert "Traceback" not in told.err


class Canary:
    """Touches a file where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.system, ("touch canary",)


STRANGERS = {
    "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "a zip archive": b"PK\x03\x04" + bytes(100),
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(100),
    "gzip": b"\x1f\x8b" + bytes(100),
    "a parquet table": b"PAR1" + bytes(100),
    "an ONNX model": b"\x08\x08\x12\x07pytorch" + bytes(100),
}


def test_a_wrong_file_is_told_and_a_pickle_never_opened(netrain: Program, tmp_path: Path) -> None:
    pickles = {f"a pickle {n}": pickle.dumps(Canary(), protocol=n) for n in range(2, 6)}
    for what, content in (STRANGERS | pickles).items():
        (tmp_path / "wrong").write_bytes(content)
        told = netrain("inspect", "wrong")
        assert told.code == 4
        assert what.removesuffix(what[8:]) in told.err or what in told.err
    assert "it looks like a pickle, which is never opened" in told.err
    for protocol in (0, 1):
        (tmp_path / "wrong").write_bytes(pickle.dumps(Canary(), protocol=protocol))
        assert netrain("inspect", "wrong").code == 4
    assert not (tmp_path / "canary").exists()


def crafted(header: Any, data: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def with_entry(**entry: Any) -> dict[str, Any]:
    facts = canonical({"oldest_reader": 1, "checksum": ""})
    return {METADATA: {KEY: facts}, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | entry}


CRAFTED: dict[str, bytes] = {
    "a shape of more than there is": crafted(with_entry(shape=[10**12]), bytes(4)),
    "a product that overflows": crafted(with_entry(shape=[2**32, 2**32, 2**32]), bytes(4)),
    "a negative axis": crafted(with_entry(shape=[-1, -1]), bytes(4)),
    "65 axes": crafted(with_entry(shape=[1] * 65), bytes(4)),
    "an axis that is no whole number": crafted(with_entry(shape=[1.0]), bytes(4)),
    "an axis that is true": crafted(with_entry(shape=[True]), bytes(4)),
    "offsets beyond the end": crafted(with_entry(data_offsets=[0, 10**15]), bytes(4)),
    "offsets that overlap": crafted(with_entry() | {"v": with_entry()["w"]}, bytes(4)),
    "offsets with a gap": crafted(with_entry(data_offsets=[4, 8]), bytes(8)),
    "offsets backwards": crafted(with_entry(data_offsets=[4, 0]), bytes(4)),
    "bytes behind": crafted(with_entry(), bytes(8)),
    "another type": crafted(with_entry(dtype="F64"), bytes(4)),
    "a type that is none": crafted(with_entry(dtype=["F32"]), bytes(4)),
    "an entry that is none": crafted({**with_entry(), "w": 3}, bytes(4)),
    "no metadata": crafted({"w": with_entry()["w"]}, bytes(4)),
    "metadata that are none": crafted({METADATA: [KEY]}),
    "another program's metadata": crafted({METADATA: {"format": "pt"}}),
    "facts that are no mapping": crafted({METADATA: {KEY: "[]"}}),
    "facts of an unknown reader": crafted({METADATA: {KEY: canonical({"oldest_reader": "1"})}}),
    "a header of 1 GB": crafted(b"{", length=1 << 30),
    "a header of 2^63": crafted(b"{", length=(1 << 63) - 1),
    "a deep header": crafted(b"[" * 100_000),
    "a deep mapping": crafted(b'{"a":' * 100_000),
    "a key that stands twice": crafted(b'{"a":1,"a":2}'),
    "no UTF-8": crafted(b'{"\xff":1}'),
    "NaN": crafted(b'{"a":NaN}'),
    "Infinity": crafted(b'{"a":1e999}'),
    "5,000 digits": crafted(b'{"a":' + b"9" * 5000 + b"}"),
    "half a character": crafted(b'{"\\ud800":{}}'),
    "nothing": crafted({}),
    "zeros": bytes(1000),
    "text": b"hello, world, this is a file of text\n" * 10,
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_file_is_refused_in_bounded_memory(tmp_path: Path, what: str) -> None:
    path = tmp_path / "crafted.safetensors"
    path.write_bytes(CRAFTED[what])
    tracemalloc.start()
    with pytest.raises(CheckpointError):
        load_bundle(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


def test_a_size_in_the_config_is_not_believed(small: Path, tmp_path: Path) -> None:
    facts, tensors = opened(small)
    for model in (
        {"name": "mlp", "hidden": [1_000_000_000] * 100},
        {"name": "resnet", "width": 1_000_000_000, "blocks": 100},
        {"name": "linear", "embedding_size": 1_000_000_000},
    ):
        facts["config"]["model"] = model
        path = sealed(tmp_path / "large.safetensors", facts, tensors)
        tracemalloc.start()
        if model["name"] != "linear":
            with pytest.raises(CheckpointError, match=r"is (missing|of .*, not of)"):
                load_bundle(path)
        else:
            load_bundle(path)  # nothing is embedded
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
        tracemalloc.stop()


def test_a_file_of_many_holes_is_refused_in_bounded_memory(zygote: Any, tmp_path: Path) -> None:
    for size in (1 << 30, 1 << 34):
        with open(tmp_path / "holes", "wb") as stream:
            stream.truncate(size)
        child = zygote.start(tmp_path, ("inspect", "holes"), limits=[(resource.RLIMIT_AS, 3 << 30)])
        assert child.wait() == 4, child.err


def test_only_regular_files_are_read_and_nothing_is_waited_for(netrain: Program, small: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(small)
    os.link(small, tmp_path / "hard")
    for name in ("pipe", "zero", "folder", "/dev/zero", "gone"):
        told = netrain("inspect", name)
        assert told.code == 4, told
        assert "Traceback" not in told.err
    assert [netrain("inspect", name).code for name in ("link", "hard")] == [0, 0], "a link to a checkpoint is one"


def test_a_newer_format_names_the_version_that_reads_it_and_stays_where_it_is(
    netrain: Program, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = Run(run).last
    facts, tensors = opened(last)
    monkeypatch.setattr(format_, "FORMAT", 9)
    monkeypatch.setattr(format_, "OLDEST_READER", 9)
    sealed(last, facts | {"netrain": "3.1.4"}, tensors)
    monkeypatch.undo()
    os.chdir(run.parent)
    with pytest.raises(NewerCheckpointError, match="format 9, this netrain reads up to 1"):
        load_bundle(last)
    for command in ("resume", "inspect"):
        told = netrain(command, run if command == "resume" else last)
        assert told.code == 4
        assert "hint: netrain 3.1.4 wrote it, and reads it" in told.err
    assert last.exists()
    monkeypatch.setattr(format_, "FORMAT", 9)
    sealed(last, facts, tensors)  # written by a newer one, for readers of format 1 too
    monkeypatch.undo()
    load_bundle(last)


@pytest.mark.parametrize("trials", [pytest.param(10_000, marks=pytest.mark.slow), 300])
@pytest.mark.parametrize("kind", ["best", "last", "bag"])
def test_a_consistent_file_with_another_content_is_refused_or_works(
    netrain: Program, tiny: Path, tmp_path: Path, trials: int, kind: str
) -> None:
    small_table().with_columns(flag=small_table()["label"]).write_csv(tmp_path / "table.csv")
    tiny.write_text(RICH)
    assert netrain("train", tiny, "--run-dir", "rich", "-q", "-s", f"training.bag={1 + (kind == 'bag')}").code == 0
    facts, tensors = opened(tmp_path / f"rich/checkpoints/{'last' if kind == 'last' else 'best'}.safetensors")
    table = small_table(20).with_columns(flag=small_table(20)["label"])
    path, outcomes = tmp_path / "changed.safetensors", []
    for trial in range(trials):
        other = changed(facts, tensors, random.Random(trial))
        try:
            sealed(path, *other)
        except (ValueError, CheckpointError):
            continue  # no netrain could have written it
        started = time.monotonic()
        try:
            bundle = load_bundle(path)
            bundle.values()
            if bundle.checked.state is not None:
                bundle.state()
            lines(inspect(path))
            assert len(bundle.predict(table)) == 20
            outcomes.append("works")
        except NetrainError as error:
            outcomes.append(type(error).__name__)
        assert time.monotonic() - started < 10
    assert outcomes.count("CheckpointError") > trials / 3
    assert "works" in outcomes


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "a deviation of 0": lambda facts: facts["coding"].update(deviations=[0.0]),
    "a deviation below 0": lambda facts: facts["coding"].update(deviations=[-1.0]),
    "a name twice": lambda facts: facts["coding"].update(
        {k: facts["coding"][k] * 2 for k in ("names", "means", "deviations")}
    ),
    "more names than means": lambda facts: facts["coding"].update(names=["a", "b"]),
    "an unknown activation": lambda facts: facts["config"].update(model={"name": "mlp", "activation": "swoosh"}),
    "another width": lambda facts: facts["config"].update(model={"name": "mlp", "hidden": [3]}),
    "a loss for classes": lambda facts: facts["config"].update(loss="cross_entropy"),
    "an open loss": lambda facts: facts["config"].update(loss="auto"),
    "another column": lambda facts: facts["preprocessor"]["columns"].append(facts["preprocessor"]["columns"][0]),
    "no column": lambda facts: facts["preprocessor"].update(columns=[]),
    "an epoch below 0": lambda facts: facts.update(epoch=-1),
    "a history of another length": lambda facts: facts["state"].update(history=[]),
    "a best epoch to come": lambda facts: facts["state"].update(best_epoch=7),
    "a kind of its own": lambda facts: facts.update(kind="../last"),
    "no config": lambda facts: facts.pop("config"),
    "a path": lambda facts: facts["config"]["data"].update(path=["/etc/passwd"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_together_is_refused(small: Path, tmp_path: Path, what: str) -> None:
    facts, tensors = opened(small)
    WRONG[what](facts)
    with pytest.raises(CheckpointError):
        load_bundle(sealed(tmp_path / "wrong.safetensors", facts, tensors))


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["network.out.w", "training.best"])
def test_weights_that_are_not_finite_are_refused(small: Path, tmp_path: Path, name: str, number: float) -> None:
    facts, tensors = opened(small)
    tensors[name] = np.full_like(tensors[name], number)
    with pytest.raises(CheckpointError, match="not finite"):
        load_bundle(sealed(tmp_path / "wrong.safetensors", facts, tensors)).state()


ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e<script>alert(1)</script>[red]../../x"


def test_names_are_literal_on_the_terminal_and_no_path(netrain: Program, tmp_path: Path) -> None:
    frame = small_table().rename({"x": ESCAPES + "a", "label": ESCAPES}).drop("value")
    frame = frame.with_columns(frame["colour"].fill_null("blue\x1b[1m"))
    frame.write_csv("table.csv")
    before = {p for p in tmp_path.rglob("*") if "run" not in p.parts}
    said = [netrain("train", "table.csv", "--target", ESCAPES, "--run-dir", "run", "-s", "training.epochs=2")]
    assert said[0].code == 0, said[0].err
    said.append(netrain("inspect", "run"))
    said.append(netrain("evaluate", "run"))
    said.append(netrain("check", "table.csv", "--target", ESCAPES))
    said.append(netrain("check", "table.csv", "--target", ESCAPES + "b"))
    said.append(netrain("train", "table.csv", "--target", ESCAPES + "\x1b[31m"))
    small_table().select("z").write_csv("few.csv")
    said.append(netrain("predict", "few.csv", "-c", "run"))
    frame.with_columns(frame[ESCAPES].replace({"yes": "\x1b[5mno"})).write_csv("other.csv")
    said.append(netrain("evaluate", "run", "--data", "other.csv"))
    for of in said:
        assert not {c for c in of.out + of.err if not c.isprintable() and c != "\n"}, of
    assert {p for p in tmp_path.rglob("*") if "run" not in p.parts} - before == {
        tmp_path / "few.csv",
        tmp_path / "other.csv",
    }


@settings(max_examples=50)
@given(st.text())
def test_neutral_text_is_printable(text: str) -> None:
    assert all(c.isprintable() or c in "\n\t" for c in neutral(text))


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_arrays_of_any_layout_are_saved_as_they_are(data: st.DataObject) -> None:
    """Views and transposes are written by their values, not by the memory behind them."""
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    whole = np.arange(np.prod(shape) * 2 ** len(shape), dtype=np.float32).reshape(*(2 * n for n in shape))
    view = whole[tuple(slice(None, None, data.draw(st.sampled_from([1, 2, -1, -2]))) for _ in shape)]
    view = view.transpose(data.draw(st.permutations(range(len(shape)))))
    assert (load(pack({"t": view}, {}))["t"] == view).all()


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_a_damaged_best_is_set_aside_and_written_again(netrain: Program, run: Path) -> None:
    before = checkpoints(run)
    damage(Run(run).best)
    told = netrain("resume", run)
    assert told.code == 0, told.err
    assert "best.safetensors is set aside as best.safetensors.corrupt: damaged" in told.err
    assert checkpoints(run) == before
    assert (run / "checkpoints/best.safetensors.corrupt").exists()


def test_with_a_damaged_last_training_goes_on_from_the_best(netrain: Program, run: Path) -> None:
    damage(Run(run).last)
    assert netrain("inspect", Run(run).last).code == 4
    assert Run(run).last.exists(), "looking changes nothing"
    best = load_bundle(Run(run).best).checked.epoch
    told = netrain("resume", run)
    assert told.code == 0, told.err
    assert f"going on from the best epoch, {best}, with the optimizer begun anew" in told.err
    assert len(figures(run)) == 3
    load_bundle(Run(run).last).state()


def test_with_both_damaged_nothing_is_made_up(netrain: Program, run: Path) -> None:
    whole = checkpoints(run)
    for path in (Run(run).last, Run(run).best):
        damage(path)
    told = netrain("resume", run)
    assert told.code == 4
    assert "no whole checkpoint is left" in told.err
    assert "hint: `netrain resume` once more trains from the start" in told.err
    assert netrain("resume", run).code == 0
    assert checkpoints(run) == whole


def test_a_run_from_a_stranger_is_refused_or_mended(netrain: Program, run: Path) -> None:
    whole = checkpoints(run)
    log = (run / "epochs.jsonl").read_bytes()
    for cut in range(0, len(log), 7):
        (run / "epochs.jsonl").write_bytes(log[:cut])
        assert [line["epoch"] for line in Run(run).logged()] == list(range(1, log[:cut].count(b"\n") + 1))
    for content in (b"5\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b'{"epoch": 1, "seconds": "x"}\n'):
        (run / "epochs.jsonl").write_bytes(content)
        assert not list(Run(run).logged())
    (run / "epochs.jsonl").write_bytes(log)
    for name in ("report.json", "split.json"):
        before = (run / name).read_bytes()
        for content in (
            b"5",
            b"[]",
            b'{"stopped": 3}',
            b"\xff",
            b"[" * 100_000,
            b'{"fingerprint": "x", "rows": "ttt"}',
        ):
            (run / name).write_bytes(content)
            told = netrain("resume", run, "-q")
            assert told.code in ((0,) if name == "report.json" else (0, 3, 4)), told
            assert "Traceback" not in told.err
        (run / name).write_bytes(before)
    assert netrain("resume", run, "-q").code == 0
    assert checkpoints(run) == whole
