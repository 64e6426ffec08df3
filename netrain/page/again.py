"""How to repeat the run: the command, the config, the versions, and where the time went."""

from __future__ import annotations

import re

from netrain.page.given import Report
from netrain.page.markup import Markup, join, preformatted, tag
from netrain.page.words import copied, folded, part, section
from netrain.shown.summary import duration

ORDER = ("reading", "steps", "validation", "saves", "report")
SEED = re.compile(r"^seed: (\d+)$", re.MULTILINE)


def again(report: Report) -> Markup:
    """All that it takes."""
    return section(
        "again",
        "How to repeat it",
        copied(report.command) if report.command else "",
        facts(report),
        folded("the complete config", preformatted(report.config)) if report.config else "",
        part("Where the time went", time(report)) if report.time else "",
    )


def facts(report: Report) -> Markup:
    """Seed and versions."""
    seed = SEED.search(report.config or "")
    told = {"seed": seed[1]} if seed else {}
    told |= report.versions or {}
    pairs = [tag("div", tag("dt", key), tag("dd", value)) for key, value in told.items()]
    return tag("dl", *pairs, class_="facts") if pairs else Markup()


def time(report: Report) -> Markup:
    """Seconds as one bar, and in words."""
    told = sorted(report.time or {}, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
    spent = {key: seconds for key in told if (seconds := (report.time or {})[key]) and seconds > 0}
    whole = sum(spent.values())
    if not whole:
        return Markup()
    bars, words = [], []
    for i, (key, seconds) in enumerate(spent.items()):
        share = seconds / whole
        bars.append(tag("i", class_=f"c{i % 6}", style=f"flex:{share:.4f}", title=f"{key}: {duration(seconds)}"))
        words.append(tag("li", tag("i", class_=f"c{i % 6}"), f"{key} {duration(seconds)}, {share:.0%}"))
    return join(tag("div", *bars, class_="bar", aria_hidden="true"), tag("ul", *words, class_="legend"))
