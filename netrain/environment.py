"""What rounds the numbers here: NumPy, BLAS and the processor. Another one may round the last bit otherwise."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from netrain.training.threads import controller

HERE = Path(np.__file__).parent.parent / "numpy.libs"  # where NumPy brings a BLAS of its own


def environment() -> dict[str, str]:
    """By name: numpy, blas, kernel (what BLAS chose for this processor), simd (what NumPy did), machine."""
    config = cast(dict[str, Any], np.show_config(mode="dicts"))
    every = [of for of in controller().info() if of["user_api"] == "blas"]
    blas = [of for of in every if Path(of["filepath"]).is_relative_to(HERE)] or every  # not that which SciPy brings
    return {
        "numpy": np.__version__,
        "blas": " ".join(f"{of['internal_api']} {of['version']}" for of in blas),
        "kernel": " ".join(str(of.get("architecture", "")) for of in blas).strip(),
        "simd": " ".join(config.get("SIMD Extensions", {}).get("found", [])),
        "machine": platform.machine(),
    }


def changed(before: Mapping[str, str]) -> str:
    """What differs from another environment, in words; empty where nothing does."""
    now = environment()
    return "; ".join(
        f"{name} was `{before.get(name, '')}`, is `{now[name]}`" for name in now if before.get(name) != now[name]
    )
