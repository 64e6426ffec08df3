"""NumPy and polars under their usual names, imported at the first use: reading a config needs neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
else:
    from importlib import import_module

    class _Later:
        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> object:
            value = getattr(import_module(self._module), name)
            setattr(self, name, value)  # the next use is an ordinary attribute
            return value

    np = _Later("numpy")
    pl = _Later("polars")

__all__ = ["np", "pl"]
