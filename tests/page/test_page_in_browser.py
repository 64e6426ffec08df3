"""Pages in a browser, without a network: every chart is drawn, nothing is wrong, and what can be moved moves."""

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browser import BROWSER, needs_browser
from samples import HOSTILE, SAMPLES, classification

from netrain.page import page

pytestmark = needs_browser  # only a browser draws: the tests beside this one look at what it is given
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-extensions --disable-background-networking"
    " --enable-logging=stderr --v=0 --allow-file-access-from-files --virtual-time-budget=5000 --dump-dom"
)
PHONE = 390
WATCHED = {  # the others are like these, as far as a browser is concerned
    name: SAMPLES[name]
    for name in (
        "two classes",
        "200 classes, 2,000 columns",
        "values by quantiles, no rows",
        "folds",
        "hostile classes",
        "hostile values",
        "hostile labels",
    )
}

# All pages at once, each in a frame as wide as a phone; what is seen of each is told in this document.
WATCH = """
const tell = (frame) => {
  const at = frame.contentDocument, root = at.documentElement;
  const of = { ...root.dataset, wide: root.scrollWidth, title: at.title };
  of.ticks = [...at.querySelectorAll(".ytick text, .xtick text, .legendtext")].map((t) => t.textContent);
  of.foreign = [...at.querySelectorAll("svg a, main img, iframe, [onerror]")].map((e) => e.outerHTML);
  const views = at.querySelectorAll(".views button");
  if (views.length) { views[1].click(); of.pressed = views[1].getAttribute("aria-pressed"); }
  const chooser = at.querySelector(".chooser");
  if (chooser) {
    const fn = chooser.querySelector(".fn");
    fn.value = "5";
    fn.dispatchEvent(new Event("input"));
    chooser.querySelector(".cheapest").click();
    of.told = chooser.querySelector(".told").textContent;
    of.at = chooser.querySelector(".at").textContent;
  }
  const long = at.querySelector("#data .long");
  if (long) {
    const shown = () => [...long.querySelectorAll("tbody tr")].filter((row) => row.offsetHeight > 0).length;
    of.first = shown();
    long.querySelector(".all").click();
    of.all = shown();
    const search = long.querySelector("input");
    search.value = "column 77";
    search.dispatchEvent(new Event("input"));
    of.found = shown();
  }
  const sort = at.querySelector("#data th.number button");
  if (sort) {
    const cells = () => [...at.querySelectorAll("#data tbody tr")].map((row) => row.cells[3].dataset.v);
    sort.click();
    of.sorted = cells();
  }
  if (chooser) {
    const inks = () => [getComputedStyle(at.body).color, at.querySelector(".xtitle").style.fill];
    const before = inks();
    at.querySelector(".theme").click();
    of.turned = inks().every((ink, i) => ink !== before[i]);
  }
  return of;
};
const frames = [...document.querySelectorAll("iframe")];
let left = 1200;
const timer = setInterval(() => {
  const done = frames.every((f) => /^(\\d+)\\/\\1$/.test(f.contentDocument?.documentElement.dataset.drawn ?? ""));
  if (!done && --left) return;
  clearInterval(timer);
  const told = frames.map(tell);
  setTimeout(() => {
    frames.forEach((f, i) => { told[i].errors = f.contentDocument.documentElement.dataset.errors; });
    document.querySelector("pre").textContent = JSON.stringify(told);
  }, 500);
}, 50);
"""


def browse(path: Path, fragment: str = "") -> tuple[str, list[str]]:
    """The document after its scripts, and the lines of the console."""
    assert BROWSER
    rules = "--host-resolver-rules=MAP * ~NOTFOUND"
    profile = f"--user-data-dir={path.parent / 'profile'}"
    words = [BROWSER, *FLAGS.split(), rules, profile, path.as_uri() + fragment]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True, encoding="utf-8")
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is seen of each sample."""
    folder = tmp_path_factory.mktemp("pages")
    frames = []
    for i, make in enumerate(WATCHED.values()):
        (folder / f"{i}.html").write_text(page(make()), encoding="utf-8")
        frames.append(f'<iframe src="{i}.html#all" style="width:{PHONE}px;height:800px;border:0"></iframe>')
    watched = folder / "watch.html"
    watched.write_text(f"<!doctype html><body>{''.join(frames)}<pre></pre><script>{WATCH}</script>", encoding="utf-8")
    dom, console = browse(watched)
    assert not console
    found = re.search("<pre>(.*?)</pre>", dom, re.DOTALL)
    assert found
    return dict(zip(WATCHED, json.loads(unescape(found[1])), strict=True))


@pytest.mark.parametrize("name", WATCHED)
def test_every_chart_is_drawn_and_nothing_is_wrong(seen: dict[str, dict[str, Any]], name: str) -> None:
    of = seen[name]
    drawn, all_of_them = of["drawn"].split("/")
    assert drawn == all_of_them
    assert of["errors"] == "0"
    assert of["wide"] <= PHONE, "the page itself scrolls sideways"
    assert not of["foreign"]


def test_there_is_a_chart_of_everything(seen: dict[str, dict[str, Any]]) -> None:
    least = {"two classes": 19, "values by quantiles, no rows": 19, "hostile labels": 18, "folds": 2}
    assert not {name: seen[name]["drawn"] for name, n in least.items() if int(seen[name]["drawn"].split("/")[1]) < n}


def test_names_are_drawn_to_the_letter(seen: dict[str, dict[str, Any]]) -> None:
    ticks = seen["hostile classes"]["ticks"]
    for name in (n for n in HOSTILE[:6] if len(n) <= 16):
        assert name in ticks
    assert any(tick.startswith("<script>alert") for tick in ticks)
    assert any(tick.startswith("a & b &lt;") for tick in ticks)
    assert any(tick.startswith("%{x} {{y}}") for tick in ticks)


def test_the_chooser_finds_the_cheapest_threshold(seen: dict[str, dict[str, Any]]) -> None:
    of, told = classification(2)["figures"]["classes"]["thresholds"], seen["two classes"]
    costs = [fp + 5 * fn for fp, fn in zip(of["fp"], of["fn"], strict=True)]
    at = of["threshold"].index(min(of["threshold"], key=lambda t: abs(t - float(told["at"]))))
    assert costs[at] == min(costs)
    precision, recall = of["tp"][at] / (of["tp"][at] + of["fp"][at]), of["tp"][at] / (of["tp"][at] + of["fn"][at])
    for words in (f"precision{precision:.1%}", f"recall{recall:.1%}", f"cost{min(costs)}", f"misses{of['fn'][at]}"):
        assert words in told["told"]


def test_views_and_the_theme_turn(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["two classes"]["pressed"] == "true"
    assert seen["two classes"]["turned"], "the ink of the page and of its charts"


def test_a_click_sorts_a_table_by_its_numbers(seen: dict[str, dict[str, Any]]) -> None:
    missing = [float(value) for value in seen["two classes"]["sorted"]]
    assert missing == sorted(missing, reverse=True)
    assert len(set(missing)) > 1


def test_long_tables_are_cut_searched_and_shown_whole(seen: dict[str, dict[str, Any]]) -> None:
    of = seen["200 classes, 2,000 columns"]
    assert (of["first"], of["all"], of["found"]) == (25, 2000, 11)  # 77, and 770 to 779


def test_a_page_that_is_merely_opened_draws_all_by_and_by(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(classification(2)), encoding="utf-8")
    dom, console = browse(tmp_path / "page.html")
    assert not console
    found = re.search(r'data-drawn="(\d+)/(\d+)"', dom)
    assert found
    assert found[1] == found[2] != "0"
