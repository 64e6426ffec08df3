"""The format of a checkpoint: safetensors with one metadata key, canonical JSON, and a checksum over everything.

    {"format": 1, "oldest_reader": 1, "checksum": sha256, ...facts}

The file is complete in itself, and equal content gives equal bytes. Every tensor is float32.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from safetensors.numpy import save

from netrain.errors import CheckpointError, NewerCheckpointError

FORMAT = 1  # written; a reader of FORMAT n reads files whose `oldest_reader` is n or less
OLDEST_READER = 1
KEY = "netrain"
METADATA = "__metadata__"
MAX_BYTES = 1 << 33  # of a file
MAX_HEADER = 1 << 25
MAX_AXES = 8
PIECE = 1 << 20  # bytes read at a time
NUMBER = np.dtype("<f4")

Tensors = Mapping[str, np.ndarray]
Hashed = tuple[str, tuple[int, ...], Iterable[bytes | memoryview]]

LOOKS = (
    (b"\x89PNG", "a PNG picture"),
    (b"PK\x03\x04", "a zip archive, such as a PyTorch checkpoint"),
    *((bytes((0x80, protocol)), "a pickle, which is never opened") for protocol in range(2, 6)),
    (b"\x89HDF", "an HDF5 file, such as of Keras"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "a parquet table"),
    (b"\x08\x07\x12", "an ONNX model"),
    (b"\x08\x08\x12", "an ONNX model"),
    (b"\x08\x09\x12", "an ONNX model"),
    (b"\x08\x0a\x12", "an ONNX model"),
)


class Entry(NamedTuple):
    """Where a tensor stands in the file."""

    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return prod(self.shape) * NUMBER.itemsize


def pack(tensors: Tensors, facts: Mapping[str, Any]) -> bytes:
    """The bytes of a checkpoint. Raises CheckpointError where it would be too large to be read."""
    whole = {name: np.ascontiguousarray(tensor, NUMBER) for name, tensor in tensors.items()}
    stamped = {**facts, "format": FORMAT, "oldest_reader": OLDEST_READER}
    views = ((name, whole[name].shape, (whole[name].reshape(-1).view(np.uint8).data,)) for name in sorted(whole))
    stamped["checksum"] = checksum(stamped, views)
    content = bytes(save(whole, {KEY: canonical(stamped)}))
    if int.from_bytes(content[:8], "little") > MAX_HEADER or len(content) > MAX_BYTES:
        raise CheckpointError("too large to be kept: 32 MB of facts and 8 GB in all are read at most")
    return content


@dataclass(frozen=True)
class Packed:
    """A checkpoint that proved whole and unchanged; its tensors are still in the file."""

    facts: dict[str, Any]
    entries: Mapping[str, Entry]
    stream: BinaryIO

    def tensors(self) -> dict[str, np.ndarray]:
        """All tensors, in memory of their own."""
        return {name: self._read(entry) for name, entry in self.entries.items()}

    def _read(self, entry: Entry) -> np.ndarray:
        self.stream.seek(entry.start)
        return np.frombuffer(self.stream.read(entry.size), NUMBER).reshape(entry.shape)


def unpack(stream: BinaryIO, size: int, where: str) -> Packed:
    """The checkpoint in a file of `size` bytes, read in bounded memory.

    Raises CheckpointError for whatever is not a whole, unchanged checkpoint.
    """
    start = stream.read(8)
    for magic, what in LOOKS:
        if start.startswith(magic):
            raise CheckpointError(f"not a checkpoint: it looks like {what}", where=where)
    try:
        header = read_header(stream, start, size)
        facts = read_facts(header)
        entries = dict(read_entries(header, stream.tell(), size))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"not a checkpoint, or cut short: {error}", where=where) from None
    if facts["oldest_reader"] > FORMAT:
        raise NewerCheckpointError(
            f"written in format {facts.get('format')}, this netrain reads up to {FORMAT}",
            where=where,
            hint=f"netrain {facts.get('netrain')} wrote it, and reads it",
        )
    told = facts.pop("checksum", None)
    if told != checksum(
        facts, ((name, entries[name].shape, pieces(stream, entries[name])) for name in sorted(entries))
    ):
        raise CheckpointError("damaged: its checksum does not fit", where=where, hint="another copy of the file")
    return Packed(facts, entries, stream)


def read_header(stream: BinaryIO, start: bytes, size: int) -> dict[str, Any]:
    """The JSON at the start. Raises ValueError unless it is spelled as it was written."""
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length > size - 8:
        raise ValueError("the header is longer than the file")
    if length > MAX_HEADER:
        raise ValueError("a header of more than 32 MB")
    text = stream.read(length).decode()
    header = plain_json(text)
    if not isinstance(header, dict):
        raise ValueError("the header is not a mapping")
    written = json.dumps(header, separators=(",", ":"), ensure_ascii=False)
    if text.removeprefix(written).strip(" ") or len(text) - len(written) >= 8:
        raise ValueError("the header is not spelled as it was written")
    return header


def read_facts(header: dict[str, Any]) -> dict[str, Any]:
    """The JSON of the metadata key. Raises ValueError where it is not canonical, or not a checkpoint's."""
    metadata = header.pop(METADATA)
    facts = plain_json(metadata[KEY])
    if not isinstance(facts, dict) or len(metadata) != 1:
        raise ValueError("the facts are not a mapping")
    if type(facts.get("oldest_reader")) is not int:
        raise ValueError("no netrain wrote it")
    if canonical(facts) != metadata[KEY]:
        raise ValueError("the facts are not spelled as they were written")
    return facts


def read_entries(header: dict[str, Any], start: int, size: int) -> Iterator[tuple[str, Entry]]:
    """The tensors by name, which fill the file without a gap. Raises ValueError where they do not."""
    end = 0
    for name, entry in header.items():
        shape, (begin, after) = entry["shape"], entry["data_offsets"]
        if entry["dtype"] != "F32" or len(entry) != 3:
            raise ValueError(f"`{name[:60]}` holds no float32")
        if len(shape) > MAX_AXES or not all(type(n) is int and 0 <= n <= size for n in (*shape, begin, after)):
            raise ValueError(f"`{name[:60]}` is of an impossible size")
        if begin != end or after - begin != prod(shape) * NUMBER.itemsize:
            raise ValueError(f"`{name[:60]}` does not stand where it should")
        end = after
        yield name, Entry(tuple(shape), start + begin)
    if start + end != size:
        raise ValueError("the tensors do not fill the file")


def pieces(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The bytes of a tensor, some at a time."""
    stream.seek(entry.start)
    for done in range(0, entry.size, PIECE):
        yield stream.read(min(PIECE, entry.size - done))


def checksum(facts: Mapping[str, Any], tensors: Iterable[Hashed]) -> str:
    """sha256 over facts and tensors, each its name, shape and pieces of bytes, in the order of the names."""
    digest = sha256(canonical(facts).encode())
    for name, shape, content in tensors:
        digest.update(f"\0{name}\0{NUMBER.str}\0{shape}\0".encode())
        for piece in content:
            digest.update(piece)
    return digest.hexdigest()


def canonical(facts: Mapping[str, Any]) -> str:
    """JSON of which equal values have equal text."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plain_json(text: str) -> Any:
    """JSON without what only Python reads, and without a key that stands twice. Raises ValueError."""
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twice)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError("a key stands twice")
    return whole
