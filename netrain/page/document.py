"""The page: one file that works on any machine, without a network, drawn from report.json alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from netrain.page.advice import advice
from netrain.page.again import again
from netrain.page.classes import classes
from netrain.page.columns import columns
from netrain.page.fails import fails
from netrain.page.given import Report
from netrain.page.learned import learned
from netrain.page.markup import Markup, clipped, join, name, tag
from netrain.page.uses import uses
from netrain.page.values import values
from netrain.page.verdict import headline, verdict

SECTIONS = {
    "verdict": ("Verdict", verdict),
    "advice": ("Advice", advice),
    "learning": ("Learning", learned),
    "classes": ("Right and wrong", classes),
    "values": ("Right and wrong", values),
    "uses": ("What it uses", uses),
    "fails": ("Where it fails", fails),
    "data": ("The data", columns),
    "again": ("Repeat it", again),
}
SCRIPTS = ("draw.js", "tables.js", "threshold.js", "page.js")


def page(report: Mapping[str, Any]) -> str:
    """The whole of report.html. Whatever the report lacks, the page leaves out."""
    given = Report.model_validate(dict(report))
    parts = {key: made for key, (_, make) in SECTIONS.items() if (made := make(given))}
    title = given.run or given.target or "report"
    links = [tag("a", SECTIONS[key][0], href=f"#{key}") for key in parts]
    body = join(
        tag("header", tag("h1", name(title, 120)), tag("p", "a report of netrain"), theme_button()),
        tag("nav", *links, aria_label="contents"),
        tag("main", *parts.values()),
        tag("noscript", tag("p", "The charts need JavaScript; the tables and sentences do not.")),
    )
    return document(f"{clipped(title, 60)}: {headline(given, given.part)}", body)


def theme_button() -> Markup:
    """Light or dark, other than the system says."""
    return tag("button", "light or dark", type="button", class_="theme")


def document(title: str, body: Markup) -> str:
    """A body with its styles and scripts. No script but these runs, and nothing is ever loaded."""
    scripts = [plotly(), *(resource(text(file)) for file in SCRIPTS)]
    hashes = " ".join(map(digest, scripts))
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        Markup(f"<style>{text('page.css')}</style>"),
    )
    last = [Markup(f"<script>{script}</script>") for script in scripts]
    return f"<!doctype html>\n{tag('html', tag('head', *head), tag('body', body, *last), lang='en')}\n"


def text(file: str) -> str:
    """A file of this package."""
    return files("netrain.page").joinpath(file).read_text(encoding="utf-8")


@cache
def plotly() -> str:
    """plotly.js, from the installed plotly, which itself is not imported: that takes a tenth of a second."""
    from importlib.util import find_spec

    found = find_spec("plotly")
    assert found is not None
    assert found.submodule_search_locations
    from pathlib import Path

    return resource(Path(found.submodule_search_locations[0], "package_data", "plotly.min.js").read_text("utf-8"))


def resource(script: str) -> str:
    """A script that can stand within its element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def digest(script: str) -> str:
    """The hash by which the policy of the page knows a script."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
