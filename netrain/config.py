"""The config: one tree of frozen values, checked at the door."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, Strict, ValidationError

from netrain import yaml12
from netrain.complaints import complaints
from netrain.data.content import check_file
from netrain.data.declared import Data
from netrain.data.split import Files
from netrain.errors import ConfigError, DataError, UsageError
from netrain.files import is_config, neighbours
from netrain.nn.losses import Losses
from netrain.nn.models import Mlp, Model
from netrain.presets import USUAL, Facts, Preset, fill
from netrain.spec import ByName, Spec
from netrain.together import check_together
from netrain.training.recipe import Training
from netrain.wanted import Report
from netrain.wording import PARTS, counted, dotted, listed, unquoted

PATHS = (
    ("data", "path"),
    ("data", "split", "test_path"),
    ("data", "split", "valid_path"),
    ("training", "start_from"),
)


class AutoLoss(Spec):
    """Cross-entropy for classes, squared error for values."""

    name: Literal["auto"] = "auto"


AnyLoss = Annotated[AutoLoss | Losses, Field(discriminator="name"), ByName]


class Config(Spec):
    """An experiment."""

    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = Field(0, description="what all chance comes from")
    preset: Preset = Field("none", description="a recipe that fills `model`, `training`, ... where the file is silent")
    data: Data = Field(description="the table")
    task: Literal["auto", "classification", "regression"] = Field("auto", description="what the target is")
    model: Model = Field(Mlp.model_construct(), description="the network")
    loss: AnyLoss = Field(AutoLoss(), description="what training makes small")
    metric: str = Field("loss", description="the validation figure that chooses the best epoch")
    training: Training = Field(Training.model_construct(), description="how the network is trained")
    report: Report = Field(Report(), description="what the report shows")

    def to_yaml(self) -> str:
        """The complete config, which reads back to an equal one."""
        data = self.model_dump(mode="json")
        data["data"] = {key: data["data"][key] for key in ("path", "target")} | data["data"]  # these two first
        return yaml12.dump(data)


@dataclass(frozen=True)
class Source:
    """A config with the document it was read from, for errors that show later."""

    config: Config
    document: yaml12.Document
    command: str = ""  # that began the run, where it is known

    @property
    def table(self) -> str:
        """The path of the table."""
        return self.path(self.config.data.path)

    @property
    def bare(self) -> bool:
        """Whether a table with its target stands for a config."""
        return not self.document.text

    def path(self, written: str) -> str:
        """A path of the config, resolved against the config's folder."""
        return str((Path(self.document.file).parent / written).resolve())


def read_config(path: str | Path, overrides: Sequence[str] = ()) -> Source:
    """The config of a file, with `key=value` overrides. Raises ConfigError that tells all problems at once."""
    text = read_text(Path(path))
    return replace(parse_config(text, str(path), overrides), command=command_in(text))


COMMENT = "# netrain "  # how the first line of a run's config begins, which is its command


def command_in(text: str) -> str:
    """The command that began a run, which its config keeps as the first line; empty where there is none."""
    first = text.partition("\n")[0].rstrip()
    return first.removeprefix("# ") if first.startswith(COMMENT) else ""


def table_config(table: str | Path, target: Sequence[str], preset: str, overrides: Sequence[str] = ()) -> Source:
    """The config of a table and its target alone, with a preset, else the usual one. Errors point at the arguments."""
    if is_config(Path(table)):
        raise config_for_table(table, target)
    if not target:
        check_file(Path(table))
        there = columns_of(table_config(table, ["COLUMN"], preset, overrides))
        raise UsageError(
            f"`{table}` is a table: what is to be predicted?",
            hint="`--target COLUMN` names it; or give a config, a YAML file"
            + (f"\nthe columns are {listed(there)}" if there else ""),
        )
    aim, preset = target[0] if len(target) == 1 else list(target), preset or USUAL
    path = str(Path(table).resolve())
    data = {"preset": preset, "data": {"path": path, "target": aim}}
    first, *more = target
    given: dict[yaml12.Path, yaml12.Document] = {
        ("data", "path"): yaml12.word("netrain train ", str(table)),
        ("data", "target"): yaml12.word("--target ", " ".join([first, *(f"--target {name}" for name in more)])),
        ("preset",): yaml12.word("--preset ", preset),
    }
    return checked(yaml12.Document(path, "", data, given=given), overrides)


def config_for_table(path: str | Path, target: Sequence[str]) -> UsageError:
    """The error for a config where a table is wanted."""
    if not target:
        return UsageError(f"`{path}` is a config, and a table is wanted")
    names = yaml12.inline(target[0] if len(target) == 1 else list(target))
    setting = f"--set {shlex.quote(f'data.target={names}')}"
    return UsageError(f"`{path}` is a config, and `--target` goes with a table", hint=f"here `{setting}`")


def columns_of(source: Source) -> list[str]:
    """The columns of a config's table by its first rows; none where they cannot be read."""
    from netrain.data.formats import open_table  # reads with polars

    try:
        first = next(open_table(source.table, source.config.data).pieces(), None)
    except DataError:
        return []
    return [name for name in first.frame.columns if not name.startswith("\0")] if first else []


def parse_config(text: str, file: str, overrides: Sequence[str] = ()) -> Source:
    """The same from text; `file` is for messages and for relative paths."""
    return checked(yaml12.load(text, file), overrides)


def checked(document: yaml12.Document, overrides: Sequence[str]) -> Source:
    """The config that a document and its overrides make. Raises ConfigError that tells all problems at once."""
    for override in overrides:
        set_value(document, override)
    try:
        config = Config.model_validate(fill(document.data))
    except ValidationError as error:
        raise ConfigError.of(complaints(error, Config, document)) from None
    check_together(config, document)
    return Source(config, document)


def for_table(source: Source, config: Config, facts: Facts, *, model: bool) -> Config:
    """A config of a source with what its preset says for a table: training, loss, metric, and if asked the model."""
    if config.preset == "none":
        return config
    filled = Config.model_validate(fill(source.document.data, facts))
    keys = ("training", "loss", "metric", *(["model"] if model else []))
    return config.model_copy(update={key: getattr(filled, key) for key in keys})


def set_value(document: yaml12.Document, override: str) -> None:
    """Set `a.b=value` in a document, as if the file said so."""
    keys, starts = split_key(override)
    *places, start = starts
    argument = yaml12.argument(f"--set {override[:start]}", override[start:])
    argument.keys.update({(n,): (0, len(yaml12.VALUE) + at - start) for n, at in enumerate(places, start=1)})
    node: Any = document.data
    path: yaml12.Path = ()
    for number, part in enumerate(keys):
        key = entry(node, part, path, argument)
        path = (*path, key)
        if number == len(keys) - 1:
            break
        below = node.get(key) if isinstance(node, dict) else node[int(key)]
        if isinstance(below, str):  # a choice written as its name
            below = {"name": below}
        node[key] = below if isinstance(below, dict | list) else {}
        node = node[key]
    value = argument.data["value"]
    if path in PATHS and isinstance(value, str) and value:  # typed here, so it is seen from here
        value = str(Path(value).resolve())
    choice = default_choice(path[:-1]) if path[-1] == "name" else ""
    if choice and node.get("name", choice) != value:  # another choice: what the file says of the old one goes
        for key in [key for key in node if (*path[:-1], key) not in document.given]:
            del node[key]
    node[path[-1]] = value
    document.given[path] = argument


def entry(node: Any, part: str, path: yaml12.Path, argument: yaml12.Document) -> str | int:
    """The key of a mapping, or the number of an item of a list. Raises ConfigError for an item that is not there."""
    if not isinstance(node, list):
        return part
    if part.isdecimal() and int(part) < len(node):
        return int(part)
    items = counted(len(node), "item")
    message = f"`{dotted(path)}` is a list of {items}: `{part}` is not the number of one, from 0"
    hint = f"`{dotted((*path, 0))}` is the first"
    raise argument.error((len(path) + 1,), message, hint, key=True)


PART = re.compile(rf"""\s*({PARTS}|[^\s."'=][^.=]*?)\s*([.=])""")


def split_key(override: str) -> tuple[list[str], list[int]]:
    """The parts of a key, those that stand in quotes whole; where each starts, and the value. Raises UsageError."""
    parts: list[str] = []
    starts = [0]
    while found := PART.match(override, starts[-1]):
        parts.append(unquoted(found[1]))
        starts.append(found.end())
        if found[2] == "=":
            return parts, starts
    raise UsageError(f"`--set {override}` is not KEY=VALUE", hint="for example `--set training.epochs=50`")


def with_paths(config: Config, path: Callable[[str], str]) -> Config:
    """The config with each of its paths that is not empty as `path` of it."""
    data, split, training = config.data, config.data.split, config.training
    if isinstance(split, Files):
        paths = {name: path(p) for name in ("test_path", "valid_path") if (p := getattr(split, name))}
        split = split.model_copy(update=paths)
    data = data.model_copy(update={"path": path(data.path), "split": split})
    if training.start_from:
        training = training.model_copy(update={"start_from": path(training.start_from)})
    return config.model_copy(update={"data": data, "training": training})


def without_paths(config: Config) -> Config:
    """The config as a checkpoint keeps it, which may be mailed; a page beside it has no part in it."""
    kept = config.model_copy(update={"report": config.report.model_copy(update={"page": True})})
    return with_paths(kept, lambda _: "")


def default_choice(path: yaml12.Path) -> str:
    """The name of the choice that stands at a path where the config is silent; empty where there is none."""
    spec: Any = Config
    for part in map(str, path):
        field = spec.model_fields.get(part) if isinstance(spec, type) and issubclass(spec, Spec) else None
        if field is None:
            return ""
        spec = field.annotation if field.is_required() else type(field.default)
    name = spec.model_fields.get("name") if isinstance(spec, type) and issubclass(spec, Spec) else None
    return str(name.default) if name else ""


def read_text(path: Path) -> str:
    """The text of a config file. Raises ConfigError for what is not one."""
    if path.is_dir():
        of_run = f"`netrain resume {path}` goes on with this run; `netrain train {path / 'config.yaml'}` trains it anew"
        hint = of_run if (path / "config.yaml").is_file() else ""
        raise ConfigError("a directory, not a config file", where=str(path), hint=hint)
    if not path.exists():
        raise ConfigError("no such file", where=str(path), hint=neighbours(path))
    if not path.is_file():
        raise ConfigError("not a regular file", where=str(path))
    try:
        with path.open("rb") as stream:
            content = stream.read(yaml12.MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(content) > yaml12.MAX_BYTES:
        raise ConfigError("larger than 1 MB: no config is", where=str(path), hint="is this the table?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError("not UTF-8 text", where=f"{path}:{line}", hint="save the file as UTF-8") from None
