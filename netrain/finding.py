"""Something that a doctor noticed in a table or a training, and the settings that mend it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from netrain.wording import dotted
from netrain.yaml12 import inline

APOSTROPHE = "'"  # which a shell's own quotes cannot hold
TRAINED_ON = "trained_on"  # the kind of a finding that no figure may be shown without


@dataclass(frozen=True)
class Finding:
    """What was found, in which columns, why it matters, and what to set."""

    kind: str
    columns: tuple[str, ...]
    message: str
    why: str
    settings: tuple[str, ...] = ()  # KEY=VALUE
    left_out: bool = False  # whether the columns are no inputs in any case

    @property
    def mend(self) -> str:
        """The arguments that mend it, as a shell takes them; empty where no key does."""
        return arguments(self.settings)

    def __str__(self) -> str:
        lines = [self.message, f"  why: {self.why}", f"  mend: {self.mend}" if self.mend else ""]
        return "\n".join(line for line in lines if line)

    def to_json(self) -> dict[str, Any]:
        """As reports and `--json` keep it."""
        return {
            "kind": self.kind,
            "columns": list(self.columns),
            "message": self.message,
            "why": self.why,
            "set": list(self.settings),
        }


def arguments(settings: Iterable[str]) -> str:
    """Settings as a shell takes them."""
    return " ".join(f"--set {shlex.quote(setting)}" for setting in settings)


def setting(value: object, *path: str) -> str:
    """`a.b=value`; a name that dots would cut is quoted, and a value that YAML would read as another."""
    text = inline(value)
    return f"{dotted(path)}={json.dumps(value, ensure_ascii=False) if text.startswith(APOSTROPHE) else text}"


def drop(column: str) -> str:
    """The setting that leaves a column out."""
    return setting("drop", "data", "columns", column)
