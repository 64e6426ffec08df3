"""netrain's presets and their peers over real tables: error, time, mean rank.

python -m tests.bench.tables --tables FOLDER --results results.jsonl --contenders netrain:default,lightgbm
python -m tests.bench.tables --results results.jsonl --summary
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.bench.peers import PEERS, Answer, Problem, contender
from tests.bench.ranks import summary


@dataclass(frozen=True)
class Case:
    """A table: its file, target and task; `official`: so many first rows are for training, the others for the test."""

    file: str
    target: str
    classes: bool
    official: int = 0


CASES = {
    "adult": Case("adult", "income", True),
    "california": Case("california_ocean", "median_house_value", False),
    "churn": Case("churn_modelling", "Exited", True),
    "telco": Case("telco_churn", "Churn", True),
    "diamonds": Case("diamonds", "price", False),
    "bike": Case("bike_sharing", "cnt", False),
    "letter": Case("letter", "class", True),
    "dry_bean": Case("dry_bean", "class", True),
    "credit": Case("credit_default", "Default", True),
    "cpu_act": Case("cpu_act", "usr", False),
    "german": Case("german_credit", "c20", True),
    "titanic": Case("titanic", "Survived", True),
    "phoneme": Case("phoneme", "c5", True),
    "wine_quality": Case("wine_quality", "quality", False),
    "adult_official": Case("adult", "income", True, official=32_561),
}


def problem_of(case: Case, folder: Path, seed: int, rows: int, *, inner: bool) -> Problem:
    """At most so many rows by the seed, 80 and 20 in a hundred; `inner`: the same again within the 80."""
    cells = pd.read_csv(folder / f"{case.file}.csv.gz", dtype=str, keep_default_na=False)
    if case.official:
        parts = [np.arange(case.official), np.arange(case.official, len(cells))]
    else:
        order = np.random.default_rng(seed).permutation(len(cells))[: rows or None]
        parts = [order[len(order) // 5 :], order[: len(order) // 5]]
    if inner:
        order = np.random.default_rng([seed, 1]).permutation(parts[0])
        parts = [order[len(order) // 5 :], order[: len(order) // 5]]
    names = [name for name in cells.columns if name != case.target]
    typed = pd.DataFrame({name: numbers_or_text(cells[name]) for name in names})
    target = cells[case.target]
    classes = tuple(sorted(target.unique())) if case.classes else None
    y = pd.Categorical(target, categories=list(classes)).codes.astype(int) if classes else target.to_numpy(np.float64)
    return Problem(
        case.target,
        classes,
        (cells.iloc[parts[0]], cells.iloc[parts[1]]),
        (typed.iloc[parts[0]].reset_index(drop=True), typed.iloc[parts[1]].reset_index(drop=True)),
        (y[parts[0]], y[parts[1]]),
        seed,
    )


def numbers_or_text(column: pd.Series) -> pd.Series:
    """A column as numbers where every cell is one or empty; else as text, empty cells missing."""
    filled = column.str.strip()
    numbers = pd.to_numeric(filled.where(filled != ""), errors="coerce")
    if numbers.isna().sum() == (filled == "").sum():
        return numbers.astype(np.float64)
    return column.where(filled != "").astype(object)


def scores(problem: Problem, answer: Answer) -> dict[str, float]:
    """`error` is what ranks: the error rate or RMSE. One scorer for all: scikit-learn's."""
    from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, roc_auc_score

    y, said = problem.y[1], answer.prediction
    if not problem.classes:
        return {"error": float(np.sqrt(mean_squared_error(y, said)))}
    labels = np.arange(len(problem.classes))
    chances = np.clip(said, 1e-15, 1.0)
    chances /= chances.sum(axis=1, keepdims=True)
    area = roc_auc_score(y, said[:, 1]) if len(labels) == 2 else float("nan")
    return {
        "error": float(1.0 - accuracy_score(y, said.argmax(axis=1))),
        "log_loss": float(log_loss(y, chances, labels=labels)),
        "auc": float(area),
    }


def results_of(path: Path) -> list[dict[str, Any]]:
    """The results in a file, oldest first; a line that was cut off is left out."""
    if not path.exists():
        return []
    lines = [line for line in path.read_text().splitlines() if line.endswith("}")]
    return [json.loads(line) for line in lines]


def work(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Each result as it is there, seed by seed; what the file holds is not done again."""
    done = {(r["table"], r["seed"], r["rows"], r["inner"], r["contender"]) for r in results_of(options.results)}
    for seed in options.seeds:
        for name in options.only:
            for who in options.contenders:
                label = options.label or who
                key = (name, seed, options.rows, options.inner, label)
                if key in done:
                    continue
                if (model := contender(who, tuple(options.set))) is None:
                    continue
                problem = problem_of(CASES[name], options.tables, seed, options.rows, inner=options.inner)
                answer = model(problem)
                yield {
                    **dict(zip(("table", "seed", "rows", "inner", "contender"), key, strict=True)),
                    **scores(problem, answer),
                    "fit_wall": round(answer.fit.wall, 3),
                    "fit_cpu": round(answer.fit.cpu, 3),
                    "predict_wall": round(answer.predict.wall, 3),
                    "predict_cpu": round(answer.predict.cpu, 3),
                    "train_rows": len(problem.y[0]),
                    "test_rows": len(problem.y[1]),
                    "settings": list(options.set),
                    **answer.known,
                }


def arguments() -> argparse.Namespace:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    comma = lambda text: text.split(",")  # noqa: E731
    words.add_argument("--tables", type=Path, help="the folder of the tables, each NAME.csv.gz")
    words.add_argument(
        "--results", type=Path, required=True, help="JSON lines, added to; what is there is not done again"
    )
    words.add_argument("--only", type=comma, default=[name for name in CASES if not CASES[name].official])
    words.add_argument("--contenders", type=comma, default=["netrain:fast", "netrain:default", *PEERS])
    words.add_argument("--seeds", type=lambda text: [int(s) for s in text.split(",")], default=[0, 1, 2])
    words.add_argument("--rows", type=int, default=10_000, help="at most so many of a table; 0: all")
    words.add_argument("--set", action="append", default=[], help="KEY=VALUE for netrain, to try a variant")
    words.add_argument("--label", default="", help="the name of that variant in the results")
    words.add_argument(
        "--inner", action="store_true", help="train and score within the 80: for choosing, not reporting"
    )
    words.add_argument("--summary", action="store_true", help="print the table of the results, do nothing else")
    return words.parse_args()


def main() -> None:
    """Do what is asked; say who is absent."""
    options = arguments()
    if options.summary:
        chosen = options.contenders if "--contenders" in sys.argv else ()
        found = [
            r
            for r in results_of(options.results)
            if r["table"] in options.only and r["seed"] in options.seeds and r["inner"] == options.inner
        ]
        print(summary(found, chosen))
        return
    for name in options.contenders:
        if contender(name, ()) is None:
            print(f"{name} is not installed: left out", file=sys.stderr)
    for result in work(options):
        with options.results.open("a") as stream:
            stream.write(json.dumps(result) + "\n")
        print(
            f"{result['table']:<14} {result['seed']} {result['contender']:<24} {result['error']:<10.5g} "
            f"{result['fit_wall']:.1f} s ({result['fit_cpu']:.1f} s CPU)",
            flush=True,
        )


if __name__ == "__main__":
    main()
