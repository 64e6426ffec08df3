"""The course of a training, as a doctor looks at it: its config, its epochs, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from netrain.config import Config

Figures = Mapping[str, float | None]
TOLD_BY = ("r2", "log_loss", "pinball_loss")  # the figures that tell how much of the target is explained


@dataclass(frozen=True)
class Units:
    """A layer's units, and how many of them say the same for every row."""

    layer: str
    units: int
    dead: int


@dataclass(frozen=True)
class Course:
    """What is known when a run ends. `part`: test, else valid, else train; `baseline`, `linear`: figures of it."""

    config: Config
    task: str
    main: str
    part: str
    rows: Mapping[str, int]
    metrics: Mapping[str, Figures]
    intervals: Mapping[str, Sequence[float] | None]
    baseline: Figures
    linear: Figures
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]  # of `part`; empty where there are no classes
    epochs: tuple[Mapping[str, Any], ...]
    best_epoch: int
    stopped: str
    units: tuple[Units, ...]

    @property
    def finished(self) -> bool:
        """Whether all epochs are done: no rule, signal or clock ended it before."""
        return len(self.epochs) >= self.config.training.epochs

    @property
    def train(self) -> list[float]:
        """The loss of the training rows, epoch by epoch, as the steps saw it."""
        return [number(figures(epoch, "train").get("loss")) for epoch in self.epochs]

    @property
    def valid(self) -> list[float]:
        """The loss of the validation rows; empty where there are none."""
        return self.watched("loss")

    def watched(self, name: str) -> list[float]:
        """A figure of the validation rows, epoch by epoch; empty where it is not defined in every one."""
        values = [number(figures(epoch, "valid").get(name)) for epoch in self.epochs]
        return values if all(map(isfinite, values)) else []

    def norms(self, name: str) -> list[float]:
        """`gradient_norm` or `update_norm`, epoch by epoch."""
        return [number(epoch.get(name)) for epoch in self.epochs]

    def figure(self, name: str, part: str = "") -> float:
        """A figure of a part; of `part` where none is named."""
        return number(self.metrics.get(part or self.part, {}).get(name))

    def trivial(self, name: str) -> float:
        """The same figure of the trivial answer, of `part`."""
        return number(self.baseline.get(name))

    def explained(self, part: str = "") -> float:
        """How much of the target is explained: 1 all of it, 0 no more than by the trivial answer. NaN if unknown."""
        return self.of_explained(self.metrics.get(part or self.part, {}))

    def of_explained(self, figures: Figures) -> float:
        """The same of any figures."""
        for name in TOLD_BY:
            value, trivial = number(figures.get(name)), self.trivial(name)
            if name == "r2" and isfinite(value):
                return value
            if isfinite(value) and trivial > 0.0:
                return 1.0 - value / trivial
        return nan

    @property
    def trivial_loss(self) -> float:
        """The loss of the trivial answer, as the epochs count it; NaN where the loss is of another kind."""
        loss = self.config.loss.name
        if loss in ("cross_entropy", "binary_cross_entropy"):
            plain = self.config.data.class_weight.name == "none" and not getattr(
                self.config.loss, "label_smoothing", 0.0
            )
            return self.trivial("log_loss") if plain else nan
        name = {"squared_error": "rmse", "absolute_error": "mae"}.get(loss, "")
        kept = figures(self.epochs[self.best_epoch - 1], "valid")
        figure, value = number(kept.get(name)), number(kept.get("loss"))
        times = self.trivial(name) / figure if figure > 0.0 else nan
        return value * times * (times if name == "rmse" else 1.0)


def course_of(config: Config, report: Mapping[str, Any], epochs: Iterable[Mapping[str, Any]]) -> Course:
    """The course of a run from the figures of its report and its log."""
    part = next(name for name in ("test", "valid", "train") if report["metrics"].get(name))
    details = report["details"].get(part, {})
    units = report["figures"].get("learning", {}).get("units", ())
    return Course(
        config=config,
        task=report["task"],
        main=report["main"],
        part=part,
        rows=report["rows"],
        metrics=report["metrics"],
        intervals=report["intervals"].get(part, {}),
        baseline=report["baseline"].get(part, {}),
        linear=report.get("linear", {}).get(part, {}),
        classes=tuple(details.get("classes", ())),
        confusion=tuple(map(tuple, details.get("confusion", ()))),
        epochs=tuple(epochs),
        best_epoch=report["best_epoch"],
        stopped=report["stopped"]["reason"],
        units=tuple(Units(of["layer"], of["units"], of["dead"]) for of in units),
    )


def figures(epoch: Mapping[str, Any], part: str) -> Figures:
    """The figures of a part in an epoch."""
    found = epoch.get(part)
    return found if isinstance(found, Mapping) else {}


def number(value: object) -> float:
    """A figure, NaN where there is none."""
    return float(value) if isinstance(value, int | float) else nan
