"""What a doctor found, with the settings to try."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from netrain.page.given import Found, Report
from netrain.page.markup import Markup, join, plain, tag
from netrain.page.words import copied, folded, paragraph, section

SHOWN = 8  # findings that are not folded away


def advice(report: Report) -> Markup:
    """The doctor for training; a line where it has nothing to say."""
    drawn = report.figures is not None and report.figures.learning is not None
    if report.advice is None or not (report.advice or drawn):
        return Markup()
    calm = paragraph("The curves show nothing to mend.") if not report.advice else ""
    return section("advice", "Advice", calm, found(report.advice))


def found(findings: Sequence[Found]) -> Markup:
    """Findings, each with its reason and what mends it."""
    told = [finding(of) for of in findings]
    shown, more = told[:SHOWN], told[SHOWN:]
    return join(*shown, folded(f"{len(more)} more", *more) if more else "")


def finding(of: Found) -> Markup:
    """One finding."""
    line = " ".join(f"--set {shlex.quote(plain(setting))}" for setting in of.settings)
    return tag(
        "div",
        tag("p", tag("strong", of.message)),
        paragraph(of.why) if of.why else "",
        copied(line) if line else "",
        class_="finding",
    )
