"""The page: whatever the report, one inert file that says what the report says."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from samples import HOSTILE, SAMPLES, Report, classification, folds, regression

from netrain.page import page
from netrain.shown.summary import figure

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "bdi", "p", "nav", "a", "main",
    "section", "h2", "h3", "button", "figure", "figcaption", "span", "div", "script", "table", "thead",
    "tbody", "tr", "th", "td", "input", "dl", "dt", "dd", "label", "output", "strong", "details", "summary",
    "ul", "li", "i", "code", "pre", "svg", "path", "noscript",
}  # fmt: skip
OURS = 4  # scripts beside plotly's
EMBEDDED = ("ticktext", "shorttext", "name", "customdata", "text")  # what plotly reads as markup


class Parsed(HTMLParser):
    """Elements with their attributes, text by element, and the content of scripts."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self._script: dict[str, str | None] | None = None
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._script = dict(attrs) if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._script is None:
            self.text += data
        else:
            self.scripts.append((self._script, data))

    def handle_endtag(self, _: str) -> None:
        self._script = None

    @property
    def data(self) -> list[Any]:
        return [json.loads(text) for attributes, text in self.scripts if attributes]


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> tuple[Report, str, Parsed]:
    report = SAMPLES[request.param]()
    drawn = page(report)
    return report, drawn, Parsed(drawn)


def test_it_is_one_small_file_that_loads_nothing(sample: tuple[Report, str, Parsed]) -> None:
    _, drawn, parsed = sample
    assert len(drawn.encode()) < 6_000_000
    assert {tag for tag, _ in parsed.elements} <= ELEMENTS
    for tag, attributes in parsed.elements:
        assert not attributes.keys() & {"src", "srcset", "action", "data", "formaction"}, tag
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#")


def test_no_script_but_its_own_may_run(sample: tuple[Report, str, Parsed]) -> None:
    _, _, parsed = sample
    policy = next(a["content"] for tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert "default-src 'none'" in policy
    run = [text for attributes, text in parsed.scripts if not attributes]
    assert len(run) == 1 + OURS
    for text in run:
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy.partition("script-src")[2].partition(";")[0]


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, key)


def test_names_are_no_markup_in_charts(sample: tuple[Report, str, Parsed]) -> None:
    _, _, parsed = sample
    embedded = [text for attributes, text in parsed.scripts if attributes]
    assert not [text for text in embedded if set("<>&\u2028\u2029") & set(text)]
    for key, text in texts(parsed.data):
        if key == "hovertemplate":  # of ours alone: a name in it could ask for more
            assert not any(name in text for name in HOSTILE if len(name) > 2)
        elif key in EMBEDDED:
            assert "<" not in text
            assert text.isprintable()


@pytest.mark.parametrize("make", [SAMPLES[name] for name in SAMPLES if name.startswith("hostile")])
def test_strange_names_are_shown_and_not_obeyed(make: Callable[[], Report]) -> None:
    parsed = Parsed(page(make()))
    for name in HOSTILE[:6]:
        assert name in parsed.text
    assert not set("\u202e\u2066\x00\x1b\ud800") & set(parsed.text)
    assert "\\u202e" in parsed.text


JUNK: list[Any] = [None, "x", 3, [], {}, [None], [[1]], {"a": None}, float("nan"), True]


def mutations(report: Report, path: tuple[str | int, ...] = (), depth: int = 3) -> Iterator[tuple[str | int, ...]]:
    """The places of a report, down to a depth; of a list the first item stands for all."""
    of: Any = report
    for key in path:
        of = of[key]
    keys = list(of) if isinstance(of, dict) else [0] if isinstance(of, list) and of else []
    for key in keys:
        yield (*path, key)
        if depth > 1:
            yield from mutations(report, (*path, key), depth - 1)


@pytest.mark.parametrize("make", [lambda: classification(2), lambda: regression(quantiles=True), folds])
def test_whatever_is_missing_or_amiss_is_left_out(make: Callable[[], Report], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.page.document.plotly", lambda: "")  # 5 MB that are the same each time
    whole = make()
    for number, path in enumerate(mutations(whole)):
        report = deepcopy(whole)
        of: Any = report
        for key in path[:-1]:
            of = of[key]
        of[path[-1]] = JUNK[number % len(JUNK)]
        assert "</html>" in page(report), path
        del of[path[-1]]
        assert "</html>" in page(report), path


def chart(parsed: Parsed, axis: str) -> Any:
    """The chart whose y axis has a title."""
    return next(d for d in parsed.data if d.get("layout", {}).get("yaxis", {}).get("title", {}).get("text") == axis)


def test_charts_draw_the_figures_of_the_report() -> None:
    report = classification(2)
    parsed = Parsed(page(report))
    learning, classes = report["figures"]["learning"], report["figures"]["classes"]
    valid, train = chart(parsed, "loss")["data"]
    assert valid["x"] == learning["epochs"]
    assert valid["y"] == pytest.approx(learning["valid"]["loss"], rel=1e-5)
    assert train["y"] == pytest.approx(learning["train"]["loss"], rel=1e-5)
    assert chart(parsed, "loss")["layout"]["shapes"][0]["x0"] == learning["best_epoch"]
    confusion = chart(parsed, "true")
    counts = next(view["update"] for view in confusion["views"] if view["name"] == "counts")
    assert counts["z"] == [classes["confusion"]]
    share = classes["confusion"][0][1] / classes["counts"]["true"][0]
    assert confusion["data"][0]["z"][0][1] == pytest.approx(share, rel=1e-5)
    curve = chart(parsed, "share")["data"]
    of = classes["thresholds"]
    assert curve[0]["y"][30] == pytest.approx(of["tp"][30] / (of["tp"][30] + of["fp"][30]), rel=1e-5)
    assert curve[3]["y"] == [a + b for a, b in zip(of["fp"], of["fn"], strict=True)]
    of_rows = chart(Parsed(page(regression())), "predicted")["data"]
    points = regression()["figures"]["values"][0]["points"]
    assert of_rows[1]["x"] == pytest.approx(points["true"], rel=1e-5)
    assert of_rows[1]["y"] == pytest.approx(points["predicted"], rel=1e-5)


def test_the_verdict_comes_first_and_says_what_it_means() -> None:
    told = Parsed(page(classification(3))).text
    assert "Right in 270 of 300 test rows" in told
    assert (
        "28 points better than always answering the commonest class (62.0%); 9.0 points better than a linear model"
        in told
    )
    assert "between 0.8500 and 0.9500" in told
    told = Parsed(page(regression())).text
    assert "Typical error (RMSE) 0.4000 on 300 test rows" in told
    assert "67% less than always answering the mean (1.200); 43% less than a linear model (0.7000)" in told


@pytest.mark.parametrize(
    ("value", "said"), [(0.62, "as good as"), (0.64, "not clearly better than"), (0.5, "12 points worse")]
)
def test_the_verdict_is_no_boast(value: float, said: str) -> None:
    report = classification(2)
    report["metrics"]["test"]["accuracy"] = value
    report["intervals"]["test"]["accuracy"] = [value - 0.03, value + 0.03]
    assert said in Parsed(page(report)).text.replace("As good", "as good").replace("Not clearly", "not clearly")


def test_rows_that_chose_the_epoch_are_called_so() -> None:
    report = classification(2)
    report["metrics"] = {"valid": report["metrics"]["valid"]}
    report["figures"]["part"] = "valid"
    assert "these chose the best epoch" in Parsed(page(report)).text


def test_advice_and_findings_have_the_line_to_copy() -> None:
    told = Parsed(page(classification(2))).text
    assert "--set training.optimizer.learning_rate=1e-4" in told
    assert "--set 'data.columns.column 0=drop'" in told


def test_numbers_are_written_as_the_terminal_does() -> None:
    report = regression()
    report["metrics"]["test"]["mae"] = 12345.678
    assert figure(12345.678) in Parsed(page(report)).text


def test_the_page_of_folds_has_each() -> None:
    parsed = Parsed(page(folds()))
    assert "over 5 folds" in parsed.text
    assert "fold-5" in parsed.text
