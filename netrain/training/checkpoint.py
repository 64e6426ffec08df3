"""The format of a checkpoint: safetensors with one metadata key, canonical JSON, and a checksum over everything.

    {"format": 1, "oldest_reader": 1, "checksum": sha256, ...facts}

The file is complete in itself, and equal content gives equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from netrain.errors import CheckpointError

FORMAT = 1  # written; a reader of FORMAT n reads files whose `oldest_reader` is n or less
OLDEST_READER = 1
KEY = "netrain"
MAX_BYTES = 1 << 34

Tensors = Mapping[str, np.ndarray]

LOOKS = (
    (b"\x89PNG", "a PNG picture"),
    (b"PK\x03\x04", "a zip archive, such as a PyTorch checkpoint"),
    (b"\x80\x02", "a pickle, which is never opened"),
    (b"\x80\x03", "a pickle, which is never opened"),
    (b"\x80\x04", "a pickle, which is never opened"),
    (b"\x80\x05", "a pickle, which is never opened"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "a parquet table"),
)


def pack(tensors: Tensors, facts: Mapping[str, Any]) -> bytes:
    """The bytes of a checkpoint."""
    whole = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    stamped = {**facts, "format": FORMAT, "oldest_reader": OLDEST_READER}
    stamped["checksum"] = checksum(whole, stamped)
    return bytes(save(whole, {KEY: canonical(stamped)}))


def unpack(content: bytes, where: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Tensors and facts. Raises CheckpointError for whatever is not a whole, unchanged checkpoint."""
    for magic, what in LOOKS:
        if content.startswith(magic):
            raise CheckpointError(f"not a checkpoint: it looks like {what}", where=where)
    try:
        facts = read_facts(content)
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"not a checkpoint, or cut short: {error}", where=where) from None
    if facts.get("oldest_reader", 0) > FORMAT:
        raise CheckpointError(
            f"written in format {facts.get('format')}, this netrain reads up to {FORMAT}",
            where=where,
            hint="a newer netrain",
        )
    if facts.pop("checksum", None) != checksum(tensors, facts):
        raise CheckpointError("damaged: its checksum does not fit", where=where, hint="another copy of the file")
    return tensors, facts


def read_facts(content: bytes) -> dict[str, Any]:
    """The JSON of the metadata key, every size checked before it is used."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > len(content) - 8:
        raise ValueError("the header is longer than the file")
    header = json.loads(content[8 : 8 + length], parse_constant=_no_constant)
    facts = json.loads(header["__metadata__"][KEY], parse_constant=_no_constant)
    if not isinstance(facts, dict):
        raise ValueError("the facts are not a mapping")
    sizes = [prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__"]
    if any(size < 0 or size > MAX_BYTES for size in sizes):
        raise ValueError("a tensor of an impossible size")
    return facts


def checksum(tensors: Tensors, facts: Mapping[str, Any]) -> str:
    """sha256 over facts and tensors, names, types and shapes included."""
    digest = sha256(canonical(facts).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\0{name}\0{tensor.dtype.str}\0{tensor.shape}\0".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


def canonical(facts: Mapping[str, Any]) -> str:
    """JSON of which equal values have equal text."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
