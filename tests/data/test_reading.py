"""What the config may say of how a file is read."""

import pytest

from netrain.data.reading import Reading


@pytest.mark.parametrize(
    "keys",
    [
        {"separator": ""},
        {"separator": ";;"},
        {"separator": "\n"},
        {"separator": "é"},
        {"separator": '"'},
        {"quote": ""},
        {"encoding": "klingon"},
        {"encoding": "rot13"},
        {"encoding": "base64"},
        {"encoding": "idna"},
        {"encoding": "unicode_escape"},
        {"encoding": "a\0b"},
        {"comment": "#\n"},
        {"decimal": ";"},
        {"format": "xlsx"},
        {"header": "no"},
    ],
    ids=str,
)
def test_what_a_reading_cannot_be(keys: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Reading(**keys)  # type: ignore[arg-type]


def test_a_reading_survives_its_own_writing() -> None:
    reading = Reading(separator="tab", missing=("", "-200"), header=False)
    assert Reading.model_validate(reading.model_dump(mode="json")) == reading
