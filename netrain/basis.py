"""What a training starts from: another run's weights, which of them fit, and which are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netrain.config import Config
from netrain.data.columns import Drop
from netrain.data.features import Columns, Preprocessor
from netrain.data.parted import SplitRecord
from netrain.data.split import Files, KFold
from netrain.data.target import TargetCoding
from netrain.errors import ConfigError, did_you_mean
from netrain.finding import setting
from netrain.inputs import Floats
from netrain.nn.network import Network
from netrain.spec import written
from netrain.wording import dotted
from netrain.yaml12 import Document

LAST = "out"  # the layer whose outputs mean the target, in every model


@dataclass(frozen=True)
class Basis:
    """A checkpoint's preprocessing, target coding and weights by name, its file, its config, and its run's split."""

    preprocessor: Preprocessor
    coding: TargetCoding
    weights: Mapping[str, Floats]
    where: str
    config: Config
    record: SplitRecord | None  # where the checkpoint lies in a run


def fitting(network: Network, basis: Basis, *, same_target: bool) -> tuple[dict[str, Floats], str]:
    """The weights of a basis that fit a network, and in words which do not. Raises ConfigError where none does.

    Those of the last layer do not fit another target, whatever their shape.
    """
    fit: dict[str, Floats] = {}
    new: list[str] = []
    for name, view in network.flat.named.items():
        there = basis.weights.get(name)
        if there is None:
            new.append(f"`{name}` is not there")
        elif there.shape != view.shape:
            new.append(
                f"`{name}` is {' x '.join(map(str, there.shape))} there, {' x '.join(map(str, view.shape))} here"
            )
        elif not same_target and below(name, LAST):
            new.append(f"`{name}` is for another target")
        else:
            fit[name] = there
    if not fit:
        raise ConfigError(
            f"no weights fit, e.g. {new[0]}",
            where=basis.where,
            hint="leave out `model` to take the checkpoint's",
        )
    told = f"{len(fit)} of {len(fit) + len(new)} parameters start from {basis.where}"
    return fit, told + (f"; new: {', '.join(new)}" if new else "")


DRAWN_BY = ("target", "missing_target", "duplicates", "min_class_rows")  # beside the seed and the split


def parted_alike(config: Config, as_in: Config) -> tuple[str, ...]:
    """The settings, KEY=VALUE, by which a config parts the rows of a table as another one does. Folds stay folds.

    None where they also differ in what else a draw looks at.
    """
    here, there = config.data.split, as_in.data.split
    looked_at = [(of.task, *(getattr(of.data, key) for key in DRAWN_BY)) for of in (config, as_in)]
    if looked_at[0] != looked_at[1] or (isinstance(here, KFold) and not isinstance(there, KFold)):
        return ()
    found = [setting(as_in.seed, "seed")] if config.seed != as_in.seed else []
    if isinstance(there, Files):  # whose paths a checkpoint does not keep
        return tuple(found)
    if here.name != there.name:
        found.append(setting(written(there), "data", "split"))
    else:
        old, new = here.model_dump(), there.model_dump()
        found += [setting(new[key], "data", "split", key) for key in new if new[key] != old[key] and key != "fold"]
    if config.training.networks == 1:  # a bag validates on every row, whatever the split
        for key in ("bag", "member"):
            if (value := getattr(as_in.training, key)) != getattr(config.training, key):
                found.append(setting(value, "training", key))
    return tuple(found)


def unused(columns: Columns, basis: Basis) -> str:
    """A note of the columns declared in a config that start from a basis, which says what they are; else empty."""
    names = ", ".join(f"`{dotted(('data', 'columns', n))}`" for n, c in columns.items() if not isinstance(c, Drop))
    return f"not used, as the preprocessing is that of {basis.where}: {names}" if names else ""


def frozen(document: Document, freeze: tuple[str, ...], network: Network) -> tuple[str, ...]:
    """The names of the parameters to freeze: those named, and all below a name. Raises ConfigError."""
    names = list(network.flat.named)
    for number, prefix in enumerate(freeze):
        if not any(below(name, prefix) for name in names):
            known = dict.fromkeys(name[:i] for name in names for i, c in enumerate(name + ".") if c == ".")
            message = f"`{prefix}` is no part of this network"
            raise document.error(("training", "freeze", number), message, did_you_mean(prefix, known))
    found = tuple(name for name in names if any(below(name, prefix) for prefix in freeze))
    if set(found) >= set(network.flat.named_grads):
        raise document.error(("training", "freeze"), "every parameter is frozen: nothing is left to train")
    return found


def below(name: str, prefix: str) -> bool:
    """Whether a parameter is the one named, or part of it."""
    return name == prefix or name.startswith(f"{prefix}.")
