"""An epoch with shuffling and gathering, against what else one would use: `python -m tests.bench.epoch`."""

from __future__ import annotations

from collections.abc import Callable

from netrain.inputs import Rows
from tests.bench.contenders import CONTENDERS, on_its_threads, present, threads
from tests.bench.rounds import alternate, arguments, machine, medians, show, write
from tests.bench.work import Work, table, wanted


def runner(name: str, work: Work, rows: Rows) -> Callable[[], int]:
    """A contender's share of a round: one epoch."""
    contender = CONTENDERS[name](work, rows)

    def run() -> int:
        contender.epoch()
        return 1

    return on_its_threads(contender, run)


def main() -> None:
    options = arguments(__doc__, rounds=3)
    names = [name for name in present() if name not in options.without]
    results = []
    print(machine())
    for work in wanted(options.only):
        rows = table(work, work.epoch)
        for count in options.threads:
            with threads(count):
                found = alternate({name: runner(name, work, rows) for name in names}, options.rounds)
            show(f"{work.name}, {len(rows):,} rows, {count} thread{'s' * (count > 1)}", medians(found), "epoch")
            results.append({"work": work.name, "rows": len(rows), "threads": count, "seconds": found})
        write(options.json, results)


if __name__ == "__main__":
    main()
