"""How good predictions are: scores that are prepared once and then taken under many weights."""

from netrain.metrics.classes import ClassScores, constant_classes, per_class
from netrain.metrics.counts import confusion
from netrain.metrics.intervals import bootstrap
from netrain.metrics.labels import LabelScores
from netrain.metrics.paired import resampled
from netrain.metrics.quantiles import QuantileScores, middle_of
from netrain.metrics.scores import LOWER_IS_BETTER, MAIN, Metrics, Scores, higher_is_better
from netrain.metrics.values import ValueScores, constant_values

__all__ = [
    "LOWER_IS_BETTER",
    "MAIN",
    "ClassScores",
    "LabelScores",
    "Metrics",
    "QuantileScores",
    "Scores",
    "ValueScores",
    "bootstrap",
    "confusion",
    "constant_classes",
    "constant_values",
    "higher_is_better",
    "middle_of",
    "per_class",
    "resampled",
]
