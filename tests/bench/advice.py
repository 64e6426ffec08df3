"""What the doctor for training says of runs made to have a fault, and of healthy ones.

`python -m tests.bench.advice`: faults made, named, and by how much its mends help; false alarms over three seeds.
`--tables FOLDER`: healthy runs on the tables of `tests.bench.tables` in that folder, too.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does for the tests

from faulty import FAULTS, HEALTHY, Fault, explained, trained, write_table

SEEDS = (0, 1, 2)


def main() -> None:
    """Print both tables, and every false alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, help="a folder of tables as in tests/bench/DATA.md")
    parser.add_argument("--presets", default="fast", help="of the healthy runs, e.g. `fast,default`")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults(Path(folder))
        healthy(Path(folder), given.presets.split(","), given.tables)


def faults(folder: Path) -> None:
    """A line for each kind of fault, and one for each that is missed or not mended."""
    rows: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for number, fault in enumerate(FAULTS):
        rows[fault.kind].append(outcome(fault, folder, str(number)))
    print(f"{'fault':24}{'made':>6}{'named':>7}{'way out':>9}{'better then':>13}")
    for kind, each in rows.items():
        named, said, better = (sum(column) for column in zip(*each, strict=True))
        print(f"{kind:24}{len(each):6}{named:7}{said:9}{better:13}")


def outcome(fault: Fault, folder: Path, run: str) -> tuple[bool, bool, bool]:
    """Whether a fault is named, with a way out, and whether test rows are predicted better by who takes it."""
    path = write_table(fault.table, folder)
    report = trained(path, fault.settings, folder / run)
    named = any(finding["kind"] == fault.kind for finding in report["advice"])
    said = [setting for finding in report["advice"][:3] for setting in finding["set"]]
    if not named:
        print(f"missed: {fault.name}")
    if not said:
        return named, False, False
    mended = trained(path, (*fault.settings, *said), folder / f"{run}-mended")
    before, after = (balanced(of) if fault.kind == "class_collapse" else explained(of) for of in (report, mended))
    better = after > before
    if not better:
        print(f"no better, {before:.3f} to {after:.3f}: {fault.name} with {' '.join(said)}")
    return named, True, better


def balanced(report: dict[str, Any]) -> float:
    """The figure that balanced weights are for."""
    return float(report["metrics"]["test"]["balanced_accuracy"])


def healthy(folder: Path, presets: list[str], tables: Path | None) -> None:
    """Runs without a fault, and what is said of them."""
    known = {name: (write_table(name, folder), "y") for name in HEALTHY}
    if tables:
        from tests.bench.tables import CASES

        known |= {f"{name} (file)": (tables / f"{case.file}.csv.gz", case.target) for name, case in CASES.items()}
    runs, alarms = 0, 0
    for name, (path, target) in known.items():
        for preset in presets:
            for seed in SEEDS:
                run = folder / f"healthy-{runs}"
                report = trained(path, (f"seed={seed}",), run, target=target, preset=preset)
                runs += 1
                alarms += bool(report["advice"])
                for finding in report["advice"]:
                    print(f"false alarm: {name}, {preset}, seed {seed}: {finding['kind']}: {finding['message']}")
    print(f"healthy runs {runs}, false alarms {alarms}")


if __name__ == "__main__":
    main()
