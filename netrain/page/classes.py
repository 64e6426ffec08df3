"""A target with classes: what is taken for what, and each class by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netrain.page.chart import Trace, chart, grid, name_axis
from netrain.page.curves import calibrations, precisions, rocs
from netrain.page.given import Report
from netrain.page.given_classes import Classes, Label, OfClass
from netrain.page.markup import Child, Markup, join, name, tag
from netrain.page.threshold import chooser
from netrain.page.verdict import count, number
from netrain.page.words import Cell, folded, paragraph, part, section, table

TEXTED = 12  # classes, up to which the cells of a confusion tell their numbers
SHOWN = 40  # classes in a confusion
CLASSES = 25  # in the table, before all are asked for


def classes(report: Report) -> Markup:
    """All about a target with classes, or several of two labels each."""
    figures = report.figures
    of = (figures and figures.classes) or older(report)
    labels = (figures and figures.labels) or []
    return section(
        "classes",
        "Right and wrong",
        grid(confusion(of)) if of else "",
        part("Ranking and probabilities", grid(*of_classes(of))) if of and any(of_classes(of)) else "",
        part("Where to draw the line", chooser(of.thresholds, of.name(of.thresholds.positive)))
        if of and of.thresholds
        else "",
        part("Each class", by_class(of)) if of else "",
        part("Ranking and probabilities of each label", of_labels(labels)) if labels else "",
    )


def older(report: Report) -> Classes | None:
    """The confusion as reports kept it before they had figures."""
    details = (report.details or {}).get(report.part)
    if details is None or not details.classes:
        return None
    each = [OfClass.model_validate({**(of or {}), "class": i}) for i, of in enumerate(details.per_class or [])]
    shown = None
    matrix = details.confusion
    if matrix and len(matrix) > SHOWN:
        wrong = [sum(row) + sum(r[i] for r in matrix) - 2 * row[i] for i, row in enumerate(matrix)]
        shown = sorted(sorted(range(len(matrix)), key=lambda i: -wrong[i])[:SHOWN])
        matrix = [[matrix[i][j] for j in shown] for i in shown]
    return Classes(labels=details.classes, confusion=matrix, shown=shown, per_class=each or None)


def confusion(of: Classes) -> Markup | None:
    """True by predicted, in rows and in shares of the true class."""
    matrix = of.confusion
    if not matrix or any(len(row) != len(matrix) for row in matrix):
        return None
    shown = of.shown if of.shown and len(of.shown) == len(matrix) else list(range(len(matrix)))
    names, totals = [of.name(i) for i in shown], [float(sum(row)) for row in matrix]
    if of.counts and all(0 <= i < len(of.counts.true) for i in shown):  # also of rows taken for a class not shown
        totals = [of.counts.true[i] for i in shown]
    shares = [[v / t if t else None for v in row] for row, t in zip(matrix, totals, strict=False)]
    few = len(matrix) <= TEXTED
    views = {
        "shares": view(shares, 1, ".1%", "of the true class", few),
        "counts": view(matrix, max(1, *map(max, matrix)), ",", "rows", few),
    }
    base: Trace = {"type": "heatmap", "zmin": 0, "xgap": 1, "ygap": 1, "colorscale": [[0, "--low"], [1, "--blue"]]}
    base |= {"showscale": not few} | ({"texttemplate": "%{text}"} if few else {})
    left = len(of.labels) - len(matrix)
    note = f"the {len(matrix)} classes with most errors, of {len(of.labels)}" if left > 0 else "a row is a true class"
    return chart(
        "Confusion",
        [base | views["shares"]],
        name_axis(names, "predicted", 20, side="bottom", tickangle="auto"),
        name_axis(names, "true", 20, autorange="reversed"),
        height=min(680, 190 + max(44 * len(matrix), 60) if few else 640),
        note=note,
        views=list(views.items()),
        wide=len(matrix) > 6,
    )


def view(cells: Sequence[Sequence[float | None]], most: float, form: str, unit: str, few: bool) -> dict[str, Any]:
    """The values of a confusion in one unit; where there are few, each that is not 0 is written in its cell."""
    shown = {
        "z": cells,
        "zmax": most,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickformat": ".0%" if "%" in form else ","},
        "hovertemplate": f"true %{{y}}<br>predicted %{{x}}<br>%{{z:{form}}} {unit}<extra></extra>",
    }
    return shown | ({"text": [[format(v, form) if v else "" for v in row] for row in cells]} if few else {})


def of_classes(of: Classes) -> list[Markup | None]:
    """Curves, named by their class."""
    roc = [(of.name(c.of), c) for c in of.roc or []]
    precision = [(of.name(c.of), c) for c in of.precision_recall or []]
    calibrated = [(of.name(c.of), c) for c in of.calibration or []]
    return [rocs(roc), precisions(precision), calibrations(calibrated, of.expected_calibration_error)]


def of_labels(labels: Sequence[Label]) -> Markup:
    """Curves of all labels over each other, and a chooser of a threshold for each."""
    roc = [(of.label, c) for of in labels for c in of.roc or []]
    precision = [(of.label, c) for of in labels for c in of.precision_recall or []]
    calibrated = [(of.label, c) for of in labels for c in of.calibration or []]
    choosers = [
        folded(join("where to draw the line for ", name(of.label)), chooser(of.thresholds, of.label))
        for of in labels
        if of.thresholds
    ]
    return join(grid(rocs(roc), precisions(precision), calibrations(calibrated, None)), *choosers)


def by_class(of: Classes) -> Markup:
    """The table of the classes."""
    predicted = of.counts.predicted if of.counts else []
    rows: list[list[Child | Cell]] = []
    for each in of.per_class or []:
        row: list[Child | Cell] = [name(of.name(each.of)), count(each.rows)]
        if predicted:
            row.append(count(predicted[each.of] if 0 <= each.of < len(predicted) else None))
        rows.append([*row, *map(number, (each.precision, each.recall, each.f1, each.roc_auc))])
    heads = ["class", "rows", *(["predicted"] if predicted else []), "precision", "recall", "f1", "roc_auc"]
    legend = paragraph(
        tag(
            "span",
            "Precision: of the rows taken for the class, the share that is. Recall: of its rows, the share found.",
        ),
        class_="small",
    )
    return join(table(heads, rows, first=CLASSES, noun="classes", tell="each class"), legend) if rows else Markup()
