"""What the figures of a report are made of: a network, and the rows that it is shown on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.config import Config
from netrain.data.features import Preprocessor
from netrain.data.target import Classes, Labels, TargetCoding, Values
from netrain.experiment import Part
from netrain.inputs import Floats, Inputs
from netrain.metrics import middle_of
from netrain.nn.losses import Loss
from netrain.nn.network import Predictor


@dataclass(frozen=True)
class Subject:
    """A network with all that it predicts by, a part of a table, and what the network says of its rows."""

    config: Config
    loss: Loss
    preprocessor: Preprocessor
    coding: TargetCoding
    network: Predictor
    name: str  # of the part
    part: Part
    frame: pl.DataFrame  # its rows, [n]
    numbers: NDArray[np.intp]  # of its rows in the table, from 1 as `out_of_fold.csv` has them
    prediction: Floats  # as `TargetCoding.prediction`

    @property
    def weights(self) -> Floats:
        """The weight of each row in the metrics. [n]."""
        given = self.part.weights
        return np.ones(len(self.part.rows)) if given is None else given

    def predict(self, inputs: Inputs) -> Floats:
        """What the network says of inputs."""
        return self.coding.prediction(self.loss.link(self.network.predict(inputs)))

    def kept(self, rows: int) -> bool:
        """Whether what so few rows have in common may be shown."""
        return self.config.report.rows or rows >= FEW


FEW = 5  # rows, from which on a level names none of them


def answers(coding: TargetCoding, prediction: Floats) -> Floats:
    """The values predicted for each target, of quantiles those nearest to the median. [n, t]."""
    if not isinstance(coding, Values) or not coding.quantiles:
        return prediction
    by_target: Floats = prediction.reshape(len(prediction), len(coding.names), -1)
    return by_target[:, :, middle_of(coding.quantiles)]


def errors(coding: TargetCoding, truth: NDArray[Any], prediction: Floats) -> Floats:
    """How wrong each answer is: 0 or 1 for classes [n, 1] and labels [n, k], the signed error of values [n, t]."""
    wrong: Floats
    match coding:
        case Classes():
            wrong = (prediction.argmax(axis=1) != truth)[:, None].astype(np.float64)
        case Labels():
            wrong = ((prediction > 0.5) != (truth > 0)).astype(np.float64)
        case _:
            wrong = answers(coding, prediction) - truth
    return wrong
