"""Where classes and labels are told apart, and how far their probabilities can be trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from netrain.data.target import Classes, Labels
from netrain.inputs import Floats
from netrain.metrics import ClassScores, confusion, per_class
from netrain.report.calibration import calibration
from netrain.report.curves import precision_recall, roc, thresholds, two_kinds
from netrain.report.subject import Subject

MOST_SHOWN = 40  # classes of a confusion
MOST_CURVES = 10  # classes with curves of their own


def classes(subject: Subject, coding: Classes) -> dict[str, Any]:
    """Every figure of a target of classes."""
    y, p, w = subject.part.truth, subject.prediction.astype(np.float64), subject.weights
    k, said = coding.classes, p.argmax(axis=1)
    counts = np.bincount(y, minlength=k)
    table = confusion(y, said, k).astype(int)
    figures: dict[str, Any] = {
        "labels": list(coding.labels),
        "counts": {"true": counts, "predicted": np.bincount(said, minlength=k)},
    }
    if k > MOST_SHOWN:
        wrong = table.sum(axis=0) + table.sum(axis=1) - 2 * table.diagonal()
        shown = np.sort(np.argsort(-wrong, kind="stable")[:MOST_SHOWN])
        figures["shown"], table = shown, table[np.ix_(shown, shown)]
    figures["confusion"] = table
    common = [1] if k == 2 else np.sort(np.argsort(-counts, kind="stable")[:MOST_CURVES]).tolist()
    each = [(c, (y == c).astype(np.float64), p[:, c]) for c in common]
    each = [of for of in each if two_kinds(of[1], w)]
    figures["roc"] = [{"class": c, **roc(true, of, w)} for c, true, of in each]
    figures["precision_recall"] = [{"class": c, **precision_recall(true, of, w)} for c, true, of in each]
    sure, right = (p[:, 1], y == 1) if k == 2 else (p.max(axis=1), said == y)
    which = 1 if k == 2 else None
    figures["calibration"] = [{"class": which, **calibration(right.astype(np.float64), sure, w)}]
    figures["expected_calibration_error"] = ClassScores(y, p).score(subject.part.weights)["expected_calibration_error"]
    if k == 2:
        figures["thresholds"] = {"positive": 1, **thresholds(right.astype(np.float64), sure, subject.part.weights)}
    wanted = ("rows", "precision", "recall", "f1", "roc_auc")
    of_each = per_class(y, p, subject.part.weights)
    figures["per_class"] = [{"class": c, **{name: of[name] for name in wanted}} for c, of in enumerate(of_each)]
    return figures


def labels(subject: Subject, coding: Labels) -> list[dict[str, Any]]:
    """The figures of each label, as those of two classes."""
    truth, p = subject.part.truth, subject.prediction.astype(np.float64)
    each = zip(coding.names, truth.T.astype(np.float64), p.T, strict=True)
    return [{"label": name, **yes_or_no(y, of, subject.part.weights)} for name, y, of in each]


def yes_or_no(y: Floats, p: Floats, weights: Floats | None) -> dict[str, Any]:
    """Curves, calibration and thresholds of the probability of yes."""
    w = np.ones(len(y)) if weights is None else weights
    both = two_kinds(y, w)
    return {
        "roc": [{"class": 1, **roc(y, p, w)}] if both else [],
        "precision_recall": [{"class": 1, **precision_recall(y, p, w)}] if both else [],
        "calibration": [{"class": 1, **calibration(y, p, w)}],
        "thresholds": {"positive": 1, **thresholds(y, p, weights)},
    }
