"""The rows that the network gets most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from netrain.data.cells import plain_text
from netrain.data.evidence import shown
from netrain.data.target import Classes, Labels, Values
from netrain.inputs import Floats
from netrain.metrics.scores import EPSILON
from netrain.report.numbers import short
from netrain.report.subject import Subject, answers, errors

MOST = 20
MOST_CELLS = 30  # of a row, of the columns that matter most


def worst(subject: Subject, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of the largest loss with their cells, of the columns named first: log loss, or the absolute error."""
    loss = losses(subject)
    rows = np.argsort(-np.where(np.isfinite(loss), loss, np.inf), kind="stable")[:MOST].tolist()
    chosen = subject.frame[rows]
    names = list(columns)[:MOST_CELLS]
    cells = {name: [short(text or "") for text in plain_text(chosen[name])] for name in names}
    truth = told_truth(subject, chosen)
    said = told_answers(subject, rows)
    return [
        {
            "row": int(subject.numbers[row]),
            "true": truth[i],
            "predicted": said[i],
            "loss": float(loss[row]),
            "cells": {name: cells[name][i] for name in names},
        }
        for i, row in enumerate(rows)
    ]


def losses(subject: Subject) -> Floats:
    """The loss of each row; several labels count alike, several values by their deviations. [n]."""
    truth, p = subject.part.truth, subject.prediction.astype(np.float64)
    match subject.coding:
        case Classes():
            true: Floats = p[np.arange(len(p)), truth]
        case Labels():
            true = np.where(truth > 0, p, 1.0 - p)
        case Values(deviations=deviations):
            error = np.abs(errors(subject.coding, truth, p))
            each: Floats = error[:, 0] if error.shape[1] == 1 else (error / np.array(deviations)).mean(axis=1)
            return each
    loss: Floats = -np.log(np.clip(true, EPSILON, 1.0)).reshape(len(p), -1).mean(axis=1)
    return loss


def told_truth(subject: Subject, chosen: pl.DataFrame) -> list[str]:
    """The target of each row as it stands in the table."""
    texts = [[short(text or "") for text in plain_text(chosen[name])] for name in subject.coding.names]
    return [", ".join(each) for each in zip(*texts, strict=True)]


def told_answers(subject: Subject, rows: list[int]) -> list[str]:
    """What the network says of each row, in the terms of the table."""
    p = subject.prediction[rows]
    match subject.coding:
        case Classes(labels=labels):
            return [f"{short(labels[c])} ({each[c]:.0%})" for each, c in zip(p, p.argmax(axis=1), strict=True)]
        case Labels(pairs=pairs):
            return [", ".join(short(pairs[j][int(v > 0.5)]) for j, v in enumerate(each)) for each in p]
        case coding:
            return [", ".join(shown(float(f"{v:.6g}")) for v in each) for each in answers(coding, p)]
