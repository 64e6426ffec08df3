"""How good the probabilities of several labels a row are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.counts import ratio
from netrain.metrics.ranks import Ranks, macro_areas
from netrain.metrics.scores import EPSILON, Scores, where_weighed

if TYPE_CHECKING:
    from netrain.metrics.scores import Array


class LabelScores(Scores):
    """Scores of probabilities [n, k] that each of k labels applies, for y [n, k] of 0 and 1.

    A label is predicted where its probability is above 1/2. accuracy is the share of right answers, exact_match that of
    rows with all labels right; the others are scikit-learn's for each label, and their mean over the labels.
    """

    def __init__(self, y: Array, probabilities: Array) -> None:
        p = np.asarray(probabilities, np.float64)
        self.n, self.k = p.shape
        true, said = np.asarray(y) > 0, p > 0.5
        right = true == said
        log_loss = -np.log(np.clip(np.where(true, p, 1.0 - p), EPSILON, 1.0 - EPSILON)).mean(axis=1)
        brier = np.square(p - true).mean(axis=1)
        self.by_row = np.stack([right.sum(axis=1), right.all(axis=1), log_loss, brier])
        self.hits = (true & said).T.astype(np.float64)
        self.marks = np.add(true.T, said.T, dtype=np.float64)
        self.ranks = Ranks(p.T, true.T)
        self.takes = self.ranks.takes

    def each(self, weights: Array) -> dict[str, Array]:
        """Every metric."""
        total = weights.sum(axis=1)
        hits, marks = weights @ self.hits.T, weights @ self.marks.T
        roc, precision = macro_areas(self.ranks, weights)
        with np.errstate(divide="ignore", invalid="ignore"):  # where no row has a weight
            right, exact, log_loss, brier = self.by_row @ weights.T / total
            figures = {
                "accuracy": np.minimum(right / self.k, 1.0),
                "exact_match": np.minimum(exact, 1.0),
                "f1_macro": ratio(2.0 * hits, marks).mean(axis=1),
                "f1_micro": ratio(2.0 * hits.sum(axis=1), marks.sum(axis=1)),
                "log_loss": log_loss,
                "roc_auc": roc,
                "average_precision": precision,
                "brier_score": brier,
            }
        return where_weighed(total, figures)
