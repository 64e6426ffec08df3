"""How good the probabilities of classes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.counts import confusion, ratio
from netrain.metrics.ranks import Ranks, macro_areas
from netrain.metrics.scores import EPSILON, Metrics, Scores, Sums, where_weighed

if TYPE_CHECKING:
    from netrain.metrics.scores import Array

BINS = 15  # of the calibration error
TOPS = (2, 3, 5)  # of the top-k accuracies, each where there are more classes


class ClassScores(Scores):
    """Scores of probabilities [n, k] for classes y [n], numbered from 0; for k = 2 class 1 is the positive one.

    Names and values are scikit-learn's, in float64. Macro means of f1, precision and recall are over the classes that
    occur, with a weight above 0, in y or in the predictions; roc_auc and average_precision of more than two classes are
    macro means of one class against the rest. expected_calibration_error: of the likeliest class (Guo et al., 2017).
    """

    def __init__(self, y: Array, probabilities: Array) -> None:
        p = np.asarray(probabilities, np.float64)
        self.n, self.k = p.shape
        y = np.asarray(y, np.intp)
        said, true = p.argmax(axis=1), p[np.arange(self.n), y]
        self.cell = y * self.k + said
        self.in_cells = Sums(self.cell, self.k**2)
        confidence = p.max(axis=1)
        a_bin = np.searchsorted(np.arange(1, BINS) / BINS, confidence)  # with its right edge
        self.gaps = Sums(a_bin, BINS, confidence - (said == y))
        brier = np.square(p[:, 1] - y) if self.k == 2 else np.square(p - np.eye(self.k)[y]).sum(axis=1)
        self.tops = [top for top in TOPS if top < self.k]
        place = places(p, y, true) if self.tops else y
        log_loss = -np.log(np.clip(true, EPSILON, 1.0 - EPSILON))
        self.by_row = np.stack([log_loss, brier, *(place < top for top in self.tops)])
        ranked = np.array([1]) if self.k == 2 else np.arange(self.k)
        self.ranks = Ranks(p.T[ranked], y == ranked[:, None])
        self.takes = max(self.k**2, self.ranks.takes)

    def each(self, weights: Array) -> dict[str, Array]:
        """Every metric, in a few passes over the rows."""
        table = self.in_cells(weights).reshape(-1, self.k, self.k)
        total = table.sum(axis=2).sum(axis=1)  # as `agreement` sums, so that all right is exactly 1
        with np.errstate(divide="ignore", invalid="ignore"):  # where no row has a weight
            log_loss, brier, *tops = self.by_row @ weights.T / total
            roc, precision = macro_areas(self.ranks, weights)
            figures = {
                **agreement(table),
                "log_loss": log_loss,
                "roc_auc": roc,
                "average_precision": precision,
                "brier_score": brier,
                "expected_calibration_error": np.abs(self.gaps(weights)).sum(axis=1) / total,
                **{f"top_{top}_accuracy": value for top, value in zip(self.tops, tops, strict=True)},
            }
        return where_weighed(total, figures)


def places(p: Array, y: Array, true: Array) -> Array:
    """How many classes stand before that of y [n]; of classes as likely, scikit-learn takes the last first."""
    later = np.arange(p.shape[1]) > y[:, None]
    before = (p > true[:, None]) | ((p == true[:, None]) & later)
    place: Array = before.sum(axis=1)
    return place


def agreement(table: Array) -> dict[str, Array]:
    """What confusion matrices [d, k, k] tell, each with a sum above 0. [d]."""
    hits, true, said = table.diagonal(axis1=1, axis2=2), table.sum(axis=2), table.sum(axis=1)
    total, right = true.sum(axis=1), hits.sum(axis=1)
    occurs = true + said > 0.0
    f1, precision, recall = ratio(2.0 * hits, true + said), ratio(hits, said), ratio(hits, true)
    figures = {"accuracy": right / total, "balanced_accuracy": mean_of(recall, true > 0.0)}
    if table.shape[1] == 2:
        figures |= {"f1": f1[:, 1], "precision": precision[:, 1], "recall": recall[:, 1]}
    else:
        figures |= {"precision_macro": mean_of(precision, occurs), "recall_macro": mean_of(recall, occurs)}
    figures["f1_macro"] = mean_of(f1, occurs)
    figures["f1_micro"] = right / total
    figures["f1_weighted"] = (true * f1).sum(axis=1) / total
    figures["matthews_corrcoef"] = correlation(right / total, true / total[:, None], said / total[:, None])
    return figures


def mean_of(values: Array, chosen: Array) -> Array:
    """The mean of those values [d, k] that are chosen. [d]."""
    mean: Array = np.where(chosen, values, 0.0).sum(axis=1) / chosen.sum(axis=1)
    return mean


def correlation(right: Array, true: Array, said: Array) -> Array:
    """Matthews' of k classes (Gorodkin, 2004), of shares of the rows; 0 where one of the two knows one class only."""
    spread = (true * (1.0 - true)).sum(axis=1), (said * (1.0 - said)).sum(axis=1)
    one = (np.count_nonzero(true, axis=1) < 2) | (np.count_nonzero(said, axis=1) < 2)
    r = (right - (true * said).sum(axis=1)) / (np.sqrt(spread[0]) * np.sqrt(spread[1]))
    return np.where(one, 0.0, np.clip(r, -1.0, 1.0))  # a rare class leaves few digits


def per_class(y: Array, probabilities: Array, weights: Array | None = None) -> list[Metrics]:
    """The figures of each class against the rest, with its number of rows and their weight.

    Other than in a mean, where it counts 0, the precision of a class that is never predicted is None here.
    """
    y, p = np.asarray(y, np.intp), np.asarray(probabilities, np.float64)
    n, k = p.shape
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    table = confusion(y, p.argmax(axis=1), k, w)
    rows = np.bincount(y, minlength=k).tolist()
    hits, true, said = table.diagonal().tolist(), table.sum(axis=1).tolist(), table.sum(axis=0).tolist()
    found: list[Metrics] = []
    for c in range(k):
        roc, precision = Ranks(p.T[c : c + 1], (y == c)[None]).first_areas(w)
        found.append(
            {
                "precision": hits[c] / said[c] if said[c] > 0 else None,
                "recall": hits[c] / true[c] if true[c] > 0 else None,
                "f1": 2.0 * hits[c] / (true[c] + said[c]) if true[c] + said[c] > 0 else None,
                "roc_auc": roc,
                "average_precision": precision,
                "rows": rows[c],
                "weight": true[c],
            }
        )
    return found


def constant_classes(counts: Array, n: int) -> Array:
    """The trivial answer of a classification: the classes' shares in training, for every row. [n, k]."""
    return np.tile(counts / counts.sum(), (n, 1))
