"""Curves of classes against the rest: ROC, precision and recall, calibration."""

from __future__ import annotations

from collections.abc import Sequence

from netrain.page.chart import Trace, chart, diagonal, label, line, share_axis, whiskers
from netrain.page.given_classes import Calibration, PrecisionRecall, Roc
from netrain.page.markup import Markup
from netrain.shown.summary import figure

MOST = 10  # curves in a chart
HEIGHT = 360


def rocs(curves: Sequence[tuple[str, Roc]]) -> Markup | None:
    """The share of the class that is found, against the share of others that is taken for it."""
    if not curves:
        return None
    lines = [
        line(c.fpr, c.tpr, "", i, name=f"{label(of, 22)}: {figure(c.auc)}", hovertemplate="%{x:.1%} → %{y:.1%}")
        for i, (of, c) in enumerate(curves[:MOST])
    ]
    x, y = share_axis("others taken for it (false positive rate)"), share_axis("found (true positive rate)")
    return square("ROC", [diagonal(0, 1, "by lot"), *lines], x, y, "area under the curve beside each name")


def precisions(curves: Sequence[tuple[str, PrecisionRecall]]) -> Markup | None:
    """The share of what is taken for the class that is, against the share of the class that is found."""
    if not curves:
        return None
    lines: list[Trace] = []
    for i, (of, c) in enumerate(curves[:MOST]):
        drawn = line(c.recall, c.precision, "", i, hovertemplate="%{x:.1%} → %{y:.1%}")
        drawn["name"] = f"{label(of, 22)}: {figure(c.average_precision)}"
        lines.append(drawn)
    share = curves[0][1].share
    if len(curves) == 1 and share is not None:
        faint = {"color": "--faint", "dash": "dash", "width": 1}
        lines.insert(0, line([0, 1], [share, share], "by lot") | {"line": faint, "hoverinfo": "skip"})
    x, y = share_axis("recall"), share_axis("precision")
    return square("Precision and recall", lines, x, y, "average precision beside each name")


def calibrations(curves: Sequence[tuple[str, Calibration]], error: float | None) -> Markup | None:
    """How often it is so where it was said to be likely so, in bins of rows."""
    if not curves:
        return None
    lines = []
    for i, (of, c) in enumerate(curves[:MOST]):
        drawn = line(c.predicted, c.observed, of, i, mode="lines+markers")
        drawn["marker"] = drawn["marker"] | {"size": 7}
        if c.low and c.high and len(curves) <= 3:
            drawn["error_y"] = whiskers(c.observed, c.low, c.high, drawn["line"]["color"])
        drawn["customdata"] = [f"{n:,.0f} rows" for n in c.rows or []]
        drawn["hovertemplate"] = "said %{x:.1%}, was %{y:.1%}" + (", %{customdata}" if c.rows else "")
        lines.append(drawn)
    note = "bars: 95% intervals" if len(curves) <= 3 else ""
    if error is not None:
        note = f"expected calibration error {figure(error)}" + (f"; {note}" if note else "")
    x, y = share_axis("predicted probability"), share_axis("observed share")
    return square("Calibration", [diagonal(0, 1, "perfect"), *lines], x, y, note)


def square(title: str, lines: list[Trace], x: dict[str, object], y: dict[str, object], note: str) -> Markup:
    """A chart of two shares."""
    return chart(title, lines, x, y, height=HEIGHT + 18 * max(0, len(lines) - 3), note=note, hovermode="closest")
