"""Start-up against the imports that it cannot do without, and the first epoch: `python -m tests.bench.startup`."""

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter, sleep

from tests.bench.timing import Contender, Measure, alternate, figures_of, parser, program, tell

IRIS = Path(__file__).parents[2] / "configs" / "iris.yaml"
NETRAIN = (sys.executable, "-m", "netrain")
BARE = {
    "--help": "import typer",
    "a config error": "import typer, yaml; from pydantic import BaseModel, Field, TypeAdapter",
}


def first_epoch(folder: Path) -> Measure:
    """From the start of `train` to the first line of its log of epochs."""
    run = Path(tempfile.mkdtemp(dir=folder))
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = perf_counter()
    training = subprocess.Popen([*NETRAIN, "train", IRIS, "--run-dir", run, "--quiet"], env=environment)
    while not (run / "epochs.jsonl").exists() and training.poll() is None:
        sleep(0.001)
    seconds = perf_counter() - started
    if training.wait():
        raise SystemExit(f"train: exit code {training.returncode}")
    return Measure(seconds, 0.0)


def main() -> None:
    """Measure and tell."""
    chosen = parser(__doc__ or "", rounds=15).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bad.yaml").write_text("data: {path: table.csv, target: y}\ntraining: {epoch: 3}\n")
        commands = {"--help": ("--help",), "a config error": ("train", "bad.yaml")}
        contenders: dict[str, Contender] = {}
        for what, arguments in commands.items():
            bare = (sys.executable, "-c", BARE[what])
            contenders[what] = partial(program, (*NETRAIN, *arguments), folder=folder)
            contenders[BARE[what]] = partial(program, bare, folder=folder)
        contenders["python alone"] = partial(program, (sys.executable, "-c", "pass"), folder=folder)
        contenders["first epoch of iris"] = partial(first_epoch, folder)
        alternate(contenders, 1)  # compiles what is not yet compiled
        measured = alternate(contenders, chosen.rounds)
    figures = {name: figure for name, figure in figures_of(measured).items() if name.endswith("seconds")}
    for what, bare in BARE.items():
        figures[f"{what} / its imports"] = measured[what].seconds / measured[bare].seconds
    tell(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
