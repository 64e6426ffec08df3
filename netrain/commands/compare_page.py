"""The page of `netrain compare --html`: one file that works without a network; nothing in it is believed as markup."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from netrain.catalogue import number
from netrain.commands.compare import curve_notes, notes, rows_told, sentence, table, value
from netrain.comparison import Comparison
from netrain.run import Run
from netrain.storage import new_file
from netrain.talk import neutral

POINTS = 600  # of a curve, at most
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")  # told apart by the colour-blind, too
DASHES = ("solid", "dash", "dot", "dashdot")
UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --faint: #d8d8d8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #16181b; --faint: #3a3d42; } }
@media print { :root { --ink: #000; --paper: #fff; --faint: #ccc; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
h1, p, td, th { overflow-wrap: anywhere; }
.verdict { font-size: 1.15rem; font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--faint); text-align: left; min-width: 4rem; }
.figures td { text-align: right; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; }
.plot { height: 320px; } figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; }
"""
DRAW = """
function draw() {
  const of = getComputedStyle(document.documentElement);
  const [ink, faint] = ['--ink', '--faint'].map(name => of.getPropertyValue(name).trim());
  for (const plot of document.querySelectorAll('.plot')) {
    const axis = title => ({title: {text: title}, gridcolor: faint, zerolinecolor: faint, automargin: true});
    const spec = JSON.parse(plot.nextElementSibling.textContent);
    Plotly.react(plot, spec.data, {
      xaxis: axis('epoch'), yaxis: axis(''), font: {color: ink}, hovermode: 'x unified', showlegend: true,
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', margin: {t: 10, r: 10, b: 40, l: 50},
      hoverlabel: {font: {color: '#1b1b1b'}, bgcolor: '#fff'}, legend: {orientation: 'h', y: -0.25},
    }, {responsive: true, displayModeBar: false});
  }
}
draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
"""


def write_page(of: Comparison, path: Path) -> None:
    """Put the page at a path. Raises StorageError."""
    with new_file(path) as stream:
        stream.write(page(of).encode())


def page(of: Comparison) -> str:
    """The whole of the file."""
    title = f"compared: {', '.join(of.names)}"
    verdicts = "".join(f'<p class="verdict">{inert(sentence(of, each))}</p>' for each in of.differences)
    told = "".join(f"<p>{inert(line)}</p>" for line in (rows_told(of), *notes(of)))
    curves = "".join(charts(of))
    of_curves = "".join(f"<p>{inert(line)}</p>" for line in curve_notes(of))
    rows = [[key, *map(value, values)] for key, values in of.config.items()]
    config = grid(["", *of.names], rows) if rows else "<p>Their configs are the same.</p>"
    figures = grid(["", *of.names], [[name, *row] for name, row in table(of).items()], "figures")
    body = (
        f"<h1>{inert(title)}</h1>{verdicts}{told}"
        f"<h2>On the same rows</h2>{figures}"
        + (f'<h2>How they learned</h2>{of_curves}<div class="charts">{curves}</div>' if curves else "")
        + f"<h2>In what their configs differ</h2>{config}"
    )
    return document(title, body)


def inert(text: str) -> str:
    """Text from strangers as HTML shows it to the letter."""
    return escape(neutral(text))


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table; the first cell of each row is its name."""
    head = "".join(f'<th scope="col">{inert(cell)}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{inert(name)}</th>{"".join(f"<td>{inert(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    return f'<div class="scroll"><table class="{kind}"><tr>{head}</tr>{body}</table></div>'


def charts(of: Comparison) -> Iterator[str]:
    """The loss and the main metric of each run on its validation rows, by epoch; of one without, on training rows."""
    for name in ("loss", of.main):
        traces = []
        for i, rival in enumerate(of.rivals):
            part, x, y = curve(rival.run, name)
            if y:
                more = "" if part == "valid" else f" ({part})"
                line = {"color": COLOURS[i % len(COLOURS)], "dash": DASHES[i // len(COLOURS) % len(DASHES)], "width": 2}
                label = escape(neutral(rival.name)[:60], quote=False) + more  # plotly reads markup in names
                mode = "lines" if len(x) > 1 else "markers"
                traces.append({"type": "scatter", "mode": mode, "name": label, "x": x, "y": y, "line": line})
        if traces:
            spec = json.dumps({"data": traces}, allow_nan=False).translate(UNSAFE)
            yield (
                f'<figure><figcaption>validation {inert(name)}</figcaption><div class="plot"></div>'
                f'<script type="application/json">{spec}</script></figure>'
            )


def curve(run: Run, name: str) -> tuple[str, list[int], list[float]]:
    """The part that a figure was logged of, its epochs, and its values where they are numbers."""
    epochs = list(run.logged())
    for part in ("valid", "train"):
        points = [(e["epoch"], v) for e in epochs if (v := logged(e, part, name)) is not None]
        if points:
            kept = points[:: -(-len(points) // POINTS)]
            kept += points[-1:] if kept[-1] != points[-1] else []
            return part, [x for x, _ in kept], [y for _, y in kept]
    return "", [], []


def logged(epoch: dict[str, Any], part: str, name: str) -> float | None:
    """A figure of an epoch."""
    of = epoch.get(part)
    return number(of.get(name)) if isinstance(of, dict) else None


def document(title: str, body: str) -> str:
    """A body with its styles and its two scripts; no other runs, and nothing is ever loaded."""
    library = script(plotly())
    own = script(DRAW)
    hashes = " ".join(f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in (library, own))
    policy = f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{inert(title)}</title><style>{STYLE}</style></head>"
        f"<body>{body}<script>{library}</script><script>{own}</script></body></html>\n"
    )


def plotly() -> str:
    """plotly.js, from the installed plotly, which itself is not imported: that takes long."""
    found = find_spec("plotly")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "package_data", "plotly.min.js").read_text(encoding="utf-8")


def script(text: str) -> str:
    """A script that can stand within its element."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
