"""A training step, against what else one would use and against its matrix products: `python -m tests.bench.step`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from time import perf_counter

import numpy as np

from netrain.inputs import Rows
from tests.bench.contenders import CONTENDERS, losses, on_its_threads, present, threads
from tests.bench.rounds import alternate, arguments, machine, medians, show, write
from tests.bench.work import Work, batches, table, wanted

SECONDS = 0.06  # of a contender in a round, about
TOLERANCE = 0.06  # of a loss after 200 steps, where batches differ


def runner(name: str, work: Work, rows: Rows, endless: Iterator[np.ndarray], seconds: float) -> Callable[[], int]:
    """A contender's share of a round: some steps, as many as take the time."""
    contender = CONTENDERS[name](work, rows)
    contender.steps(list(islice(endless, 3)))
    started = perf_counter()
    contender.steps(list(islice(endless, 3)))
    count = max(1, min(len(rows) // work.batch, int(3 * seconds / (perf_counter() - started))))

    def run() -> int:
        contender.steps(list(islice(endless, count)))
        return count

    return on_its_threads(contender, run)


def main() -> None:
    options = arguments(__doc__, rounds=21)
    names = [name for name in present() if name not in options.without]
    results = []
    print(machine())
    for work in wanted(options.only):
        rows = table(work)
        for count in options.threads:
            with threads(count):
                endless = cycle(batches(len(rows), work.batch, 2_000, seed=2))
                runners = {}
                for name in names:
                    seconds = 6 * SECONDS if name == "scikit-learn" else SECONDS  # `fit` has a fixed cost too
                    runners[name] = runner(name, work, rows, endless, seconds)
                found = alternate(runners, options.rounds)
            show(f"{work.name}, {count} thread{'s' * (count > 1)}", medians(found), "step")
            results.append({"work": work.name, "threads": count, "seconds": found, "losses": {}})
        if options.losses:
            results[-1]["losses"] = agree(work, rows)
        write(options.json, results)


def agree(work: Work, rows: Rows) -> dict[str, float]:
    """The losses after 200 steps; says whether they are the same within noise."""
    found = losses(work, rows)
    print("  loss after 200 steps:", ", ".join(f"{name} {loss:.4f}" for name, loss in found.items()))
    for name, loss in found.items():
        if abs(loss - found["netrain"]) > TOLERANCE * max(loss, found["netrain"]):
            raise SystemExit(f"{name} does not learn the same: {loss:.4f}, netrain: {found['netrain']:.4f}")
    return found


if __name__ == "__main__":
    main()
