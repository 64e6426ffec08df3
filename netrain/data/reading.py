"""How the file of a table is read: the keys of the config that say so."""

from __future__ import annotations

import codecs
from math import isfinite
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from netrain.spec import Flag, Spec, as_list

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "?")

NO_TEXT = ("idna", "punycode", "unicode-escape", "raw-unicode-escape")  # codecs that turn text into other text


def one_character(text: str) -> str:
    """Raise ValueError for what is not one ASCII character of a line."""
    if len(text) != 1 or not text.isascii() or text in "\r\n\0":
        raise ValueError(f"`{text}` is not one ASCII character")
    return text


def separator_of(text: str) -> str:
    """`auto`, or one character; `tab` is a word for it."""
    if text in ("\\t", "\\\\t"):
        raise ValueError(f"`{text}` is not one character; a tab is written `tab`")
    return text if text == "auto" else one_character("\t" if text == "tab" else text)


def one_line(text: str) -> str:
    """Raise ValueError for text that no line starts with."""
    if set(text) & {"\r", "\n", "\0"}:
        raise ValueError("`comment` is what a line starts with, and holds no line break")
    return text


def encoding_of(name: str) -> str:
    """Raise ValueError for what is no encoding of text."""
    try:
        codec = codecs.lookup(name).name
        "a,1\n".encode(codec)
    except (LookupError, UnicodeError, ValueError):
        codec = ""
    if not codec or codec in NO_TEXT:
        raise ValueError(f"`{name}` is not an encoding: `utf-8`, `latin-1`, `cp1252` and `utf-16` are")
    return name


def texts(value: object) -> object:
    """One may stand without its list, and a number for its spelling: -200 is "-200"."""
    return [
        str(v) if isinstance(v, int | float) and not isinstance(v, bool) and isfinite(v) else v for v in as_list(value)
    ]


Character = Annotated[str, AfterValidator(one_character)]


class Reading(Spec):
    """How bytes become cells, and which cells are missing."""

    format: Literal["auto", "csv", "tsv", "parquet", "ipc", "jsonl"] = Field(
        "auto", description="what the file is; auto: by its first bytes, else by its name, else csv"
    )
    separator: Annotated[str, AfterValidator(separator_of)] = Field(
        "auto", description="what stands between fields: one character, or `tab`; auto: tab for tsv, else comma"
    )
    quote: Character = Field('"', description="what stands around a field that holds a separator or a line break")
    decimal: Literal[".", ","] = Field(".", description="the decimal point of numbers in csv and tsv")
    encoding: Annotated[str, AfterValidator(encoding_of)] = Field(
        "utf-8", description="how text is written in bytes; UTF-16 and UTF-32 with their mark are seen without it"
    )
    header: Flag = Field(True, description="whether the first row names the columns; else they are column_1, column_2")
    comment: Annotated[str, AfterValidator(one_line)] = Field(
        "", description="lines that start with this are passed over; empty: none are"
    )
    missing: Annotated[tuple[str, ...], BeforeValidator(texts)] = Field(
        MISSING, description="what a missing value looks like"
    )

    @model_validator(mode="after")
    def _tells_fields(self) -> Self:
        if self.separator == self.quote:
            raise ValueError("`separator` and `quote` must differ")
        return self
