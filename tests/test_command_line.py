"""The command line, over all commands: help, mistakes, JSON, completion, terminals of any width and encoding."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer.main
from small import Program, small_table

from netrain import aliases
from netrain.cli.output import stdout, talk
from netrain.cli.program import alone, app, run
from netrain.commands.explain import metrics
from netrain.config import parse_config
from netrain.data.columns import Drop
from netrain.hints import as_arguments
from netrain.keys import choices_within, every_key, find
from netrain.wording import dotted

WriteConfig = Callable[..., Path]

GROUP: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = GROUP.commands


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "_NETRAIN_COMPLETE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def trained(netrain: Program, config: WriteConfig) -> Program:
    """The program, in a folder with a table, a config and the run `r`."""
    assert netrain("train", config(epochs=2), "--run-dir", "r", "-q").code == 0
    return netrain


# Help


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_two_examples_that_parse_and_fits(
    netrain: Program, monkeypatch: pytest.MonkeyPatch, command: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = netrain(*command.split(), "--help")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert max(map(len, lines)) <= width
    examples = [line.strip() for line in lines[lines.index("  Examples:") + 1 :] if line.strip()]
    assert len(examples) == 2
    for example in examples:
        program, name, *words = shlex.split(re.split(r" [|>] ", example)[0])
        assert (program, name in COMMANDS) == ("netrain", True), example
        assert command in ("", name)
        COMMANDS[name].make_context(name, words)  # raises where an option or argument is none


def test_help_tells_every_command_in_a_line_of_60_columns(netrain: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = netrain("--help").out
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\S.*\.$", out, re.M), command
    assert "..." not in out.partition("Commands:")[2]


@pytest.mark.parametrize("name", typer.main.get_command(app).commands)  # type: ignore[attr-defined]
def test_a_command_alone_is_the_same_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole, one = typer.main.get_command(app), typer.main.get_command(alone([name, "--json"]))
    assert list(one.commands) == [name]  # type: ignore[attr-defined]
    assert run([name, "--help"]) == 0
    told = capsys.readouterr().out
    whole.main([name, "--help"], prog_name="netrain", standalone_mode=False)
    assert capsys.readouterr().out == told
    assert len(told) > 100


def test_words_that_are_no_command_leave_the_program_whole() -> None:
    for words in ([], ["--debug", "train"], ["trian"], ["find_lr"]):
        assert alone(words) is app


def test_the_program_alone_shows_its_help(netrain: Program) -> None:
    told = netrain()
    assert (told.code, told.out) == (2, "")
    assert told.err == netrain("--help").out


LIGHT = """
import sys
from netrain.cli import main
sys.argv = ["netrain", *sys.argv[2:]]
heavy = {heavy!r}
try:
    main()
except SystemExit as ended:
    assert ended.code in (0, None), ended.code
print(*(name for name in heavy if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "environment", "heavy"),
    [
        (["--help"], {}, ["numpy", "polars", "pydantic", "rich", "yaml"]),
        (["train", "--help"], {}, ["numpy", "polars", "netrain.config", "rich", "yaml"]),
        ([], {"COMP_WORDS": "netrain tr", "COMP_CWORD": "1"}, ["numpy", "polars", "netrain.config", "rich"]),
        ([], {"COMP_WORDS": "netrain train --set s", "COMP_CWORD": "3"}, ["numpy", "polars"]),
    ],
)
def test_help_and_completion_import_little(arguments: list[str], environment: dict[str, str], heavy: list[str]) -> None:
    if environment:
        environment = environment | {"_NETRAIN_COMPLETE": "complete_bash"}
    code = LIGHT.format(heavy=heavy)
    done = subprocess.run(
        [sys.executable, "-c", code, "", *arguments], env=os.environ | environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert done.stdout


# Mistakes


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("trian", "did you mean `train`?"),
        ("small.yaml -q", "did you mean `netrain train small.yaml -q`?"),
        ("table.csv", "did you mean `netrain train table.csv --target COLUMN`?"),
        ("table.csv --target y", "did you mean `netrain train table.csv --target y`?"),
        ("best.safetensors", "did you mean `netrain evaluate best.safetensors`?"),
        ("train small.yaml --epochs 50", "it is a key of the config: `--set training.epochs=50`"),
        ("train --epoch=50 small.yaml", "it is a key of the config: `--set training.epochs=50`"),
        ("train x --learning-rate 1e-3", "`--set training.optimizer.learning_rate=1e-3`"),
        ("train x --lr=1e-3", "`--set training.optimizer.learning_rate=1e-3`"),
        ("train x --batch-size 3", "`--set training.batch_size=3`"),
        ("find-lr x --seed 3", "`--set seed=3`"),
        ("train x --seed", "`--set seed=VALUE`"),
        ("train x --test 0.2", "`--set data.split.test=0.2`"),
        ("train x --targt y", "did you mean `--target`?"),
        ("evaluate --test", "did you mean `--split test`?"),
        ("evaluate --jsn", "did you mean `--json`?"),
        ("evaluate --split tset", "did you mean `test`?"),
        ("train", "`netrain train [OPTIONS] {CONFIG|TABLE}`; `netrain train --help` tells more"),
        ("train a b", "`netrain train --help` tells more"),
        ("train --set", "`netrain train --help` tells more"),
        ("--json evaluate", "`netrain evaluate --json`"),
        ("explain stop", "did you mean `training.stop`?"),
    ],
)
def test_a_mistake_names_what_was_meant(netrain: Program, words: str, hint: str) -> None:
    told = netrain(*shlex.split(words))
    assert (told.code, "Traceback" in told.err) == (2, False), told
    assert told.err.startswith("error: ")
    assert not told.err.splitlines()[0].endswith(".")
    assert any(line.startswith("  hint: ") and hint in line for line in told.err.splitlines()), told.err


def test_a_bug_keeps_its_traceback_and_is_json_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("wrong")

    monkeypatch.setattr("netrain.commands.explain.explain", broken)
    with pytest.raises(RuntimeError, match="wrong"):
        run(["explain", "seed", "--json"])
    assert json.loads(capsys.readouterr().out)["error"]["code"] == 1


def test_debug_shows_the_traceback_and_keeps_the_code(netrain: Program) -> None:
    told = netrain("--debug", "train", "none.yaml")
    assert told.code == 2
    assert "Traceback" in told.err
    assert "error: none.yaml: no such file" in told.err


# JSON: every command by what it is given, and how it may fail

DONE = {
    "train": "train small.yaml -s training.epochs=1",
    "find-lr": "find-lr small.yaml",
    "resume": "resume r -s training.epochs=3",
    "evaluate": "evaluate r --data table.csv",
    "report": "report r",
    "predict": "predict table.csv -c r -o p.csv",
    "inspect": "inspect r",
    "explain": "explain training.stop",
    "schema": "schema",
    "config": "config r",
    "init": "init table.csv --target label -o made.yaml",
    "check": "check small.yaml",
    "runs": "runs .",
    "compare": "compare r other",
}
FAILED = {
    "train": ("train small.yaml -s sed=1", 2),
    "find-lr": ("find-lr none.yaml", 2),
    "resume": ("resume nowhere", 2),
    "evaluate": ("evaluate none.safetensors", 4),
    "report": ("report nowhere", 2),
    "predict": ("predict none.csv -c r -o p.csv", 3),
    "inspect": ("inspect small.yaml", 4),
    "explain": ("explain nothing", 2),
    "schema": ("schema --nothing", 2),
    "config": ("config", 2),
    "init": ("init table.csv --target label -o small.yaml", 2),
    "check": ("check table.csv --target nothing", 3),
    "runs": ("runs nowhere", 2),
    "compare": ("compare r", 2),
}
KEYS = {
    "train": {"run", "metrics", "rows"},
    "find-lr": {"rates", "losses", "learning_rate"},
    "resume": {"run", "metrics"},
    "evaluate": {"task", "split", "rows", "metrics", "intervals", "unseen"},
    "report": {"run", "page"},
    "predict": {"rows", "output", "unseen", "checkpoint"},
    "inspect": {"inputs", "tensors", "config"},
    "explain": {"key", "of"},
    "schema": {"properties"},
    "config": {"data", "model", "training"},
    "init": {"output", "config", "text"},
    "check": {"task", "target", "rows", "columns", "findings", "cost"},
    "runs": {"folder", "runs"},
    "compare": {"split", "rows", "main", "runs", "best", "differences", "config", "notes"},
}


def test_every_command_is_in_the_table() -> None:
    assert set(COMMANDS) == set(DONE) == set(FAILED) == set(KEYS)


def test_json_is_one_document_on_stdout_whatever_the_command(trained: Program) -> None:
    assert trained("train", "small.yaml", "-s", "model.dropout=0", "--run-dir", "other", "-q").code == 0
    for command, words in DONE.items():
        told = trained(*words.split(), "--json")
        assert told.code == 0, (command, told.err)
        assert json.loads(told.out).keys() >= KEYS[command], command
    assert json.loads(trained("--version", "--json").out).keys() == {"netrain"}


def test_json_tells_an_error_too_beside_the_text(trained: Program) -> None:
    for words, code in FAILED.values():
        told = trained(*words.split(), "--json")
        assert told.code == code, (words, told)
        document = json.loads(told.out)
        assert document.keys() == {"error"}
        assert document["error"]["code"] == code
        assert document["error"]["problems"]
        for problem in document["error"]["problems"]:
            assert problem.keys() == {"message", "where", "hint"}
            assert problem["message"] in told.err
        assert told.err.startswith(("error: ", "from "))


def test_predictions_as_json_need_a_file(trained: Program) -> None:
    told = trained("predict", "table.csv", "-c", "r", "--json")
    assert told.code == 2
    assert "`--output FILE` names one" in told.err
    assert json.loads(told.out)["error"]["code"] == 2


def test_a_missed_requirement_stands_beside_the_figures(trained: Program) -> None:
    told = trained("evaluate", "r", "--require", "accuracy>1", "--require", "log_loss <= 100", "--json")
    assert told.code == 8
    document = json.loads(told.out)
    assert document["metrics"]["accuracy"] <= 1
    assert document["error"]["code"] == 8
    assert document["error"]["problems"][0]["message"] in told.err
    assert "log_loss" not in told.err


def test_a_requirement_is_read_before_anything_is_scored(trained: Program) -> None:
    Path("table.csv").unlink()  # nothing can be scored
    for requirement, message in (
        ("acuracy>=0.9", "`acuracy` is not a metric here\n  hint: did you mean `accuracy`"),
        ("accuracy=>0.9", "is not METRIC>=NUMBER\n  hint: for example"),
        ("accuracy>=1e", "`1e` is not a number"),
    ):
        told = trained("evaluate", "r", "--require", requirement)
        assert (told.code, message in told.err) == (2, True), told
    assert trained("evaluate", "r", "--require", "accuracy>=0.9").code == 3
    out = trained("evaluate", "--help").out
    assert all(sign in out for sign in (">=", "<=", ">", "<"))


def test_evaluate_tells_what_training_did_not_see(trained: Program) -> None:
    table = small_table(30)
    table.with_columns(city=table["city"].str.replace("city", "town")).write_csv("new.csv")
    told = trained("evaluate", "r", "--data", "new.csv", "--json")
    assert json.loads(told.out)["unseen"] == {"city": 30}
    assert "`city` holds 30 cells that training did not see the like of" in told.err
    assert trained("evaluate", "r", "--data", "new.csv", "-q").err == ""


def test_verbose_tells_columns_epochs_and_time(netrain: Program, config: WriteConfig) -> None:
    err = netrain("train", config(epochs=120), "-v").err
    assert "x: numeric, scale standardize, impute " in err
    assert "city: " in err
    assert len(re.findall(r"^epoch ", err, re.M)) == 120
    assert re.search(r"^time: steps \S+ \S+ s|^time: steps \S+ s, saves \S+ s, ", err, re.M)


# Completion


def completed(words: str, shell: str = "bash") -> list[str]:
    """What the shell offers for the last of some words."""
    typed = words.split(" ")
    environment = {
        "_NETRAIN_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "\n".join(typed),
        "COMP_CWORD": str(len(typed) - 1),
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    code = "from netrain.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("netrain tr", ["train"]),
        ("netrain train --pre", ["--preset"]),
        ("netrain train t.csv --preset ", ["fast", "default", "best"]),
        ("netrain train t.csv --set training.ep", ["training.epochs=", "training.epochs=VALUE"]),
        ("netrain train t.csv -s training.clip=", ["training.clip=none", "training.clip=norm", "training.clip=value"]),
        ("netrain train t.csv -s data.split.stratify=t", ["data.split.stratify=true"]),
        ("netrain explain training.bat", ["training.batch_size"]),
        ("netrain evaluate runs/s", ["runs/small-1"]),
        ("netrain resume ", ["mine", "runs/small-1", "latest", "best"]),
        ("netrain predict new.csv -c mi", ["mine"]),
        ("netrain train t.csv --set training.clip =", ["none", "norm", "value"]),
        ("netrain train t.csv --set training.clip = no", ["none", "norm"]),
        ("netrain train t.csv --set seed = 1 --set training.clip = n", ["none", "norm"]),
        ("netrain train t.csv --set seed = 1 --pre", ["--preset"]),
        ("netrain train t.csv --preset = f", ["fast"]),
        ("netrain train t.csv -s data.columns.", [""]),
        ("netrain train t.csv -s data.colum", ["data.columns=", "data.columns=VALUE"]),
    ],
)
def test_the_shell_completes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, offered: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("runs/small-1", "mine", "runs/other"):
        Path(folder).mkdir(parents=True)
    for folder in ("runs/small-1", "mine"):
        Path(folder, "config.yaml").touch()
    assert completed(words) == offered


def test_every_shell_has_its_script_and_protocol(netrain: Program) -> None:
    assert completed("netrain tr", "zsh")[0].startswith('_arguments \'*: :(("train":')
    assert completed("netrain tr", "fish")[0].startswith("train\t")
    for shell in ("bash", "zsh", "fish"):
        script = "from netrain.cli import main; main()"
        environment = os.environ | {"_NETRAIN_COMPLETE": f"source_{shell}"}
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
        assert f"_NETRAIN_COMPLETE=complete_{shell}" in done.stdout
    assert "--install-completion" in netrain("--help").out


# Terminals

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
TOLD = {  # the words of a command, and how it ends
    "train small.yaml -s training.epochs=3": 0,
    "find-lr größe.yaml": 0,
    "evaluate s": 0,
    "inspect s": 0,
    "config s": 0,
    "explain training.schedule": 0,
    "predict größe.csv -c s --keep straße": 0,
    "evaluate s --data größe.csv": 0,
    "resume s": 0,
    "explain straße": 2,
    "train straße.yaml": 2,
    "train elsewhere.yaml": 2,  # names a table that this locale cannot
    "inspect s --json": 0,
}
RUN = """
import os, shlex, sys
from netrain.cli.program import run
from netrain.plain import soften
soften(sys.stdout); soften(sys.stderr)
words = [os.fsdecode(line) for line in open("words", "rb").read().splitlines()]
print([run(shlex.split(line)) for line in words], file=sys.stderr)
"""


def test_where_the_locale_has_no_utf_8_every_command_reads_well(trained: Program) -> None:
    small_table().rename({"city": "straße"}).write_csv("table.csv")
    Path("größe.csv").write_bytes(Path("table.csv").read_bytes())
    config = Path("small.yaml").read_text(encoding="utf-8")
    Path("größe.yaml").write_text(config, encoding="utf-8")
    Path("elsewhere.yaml").write_text(config.replace("table.csv", "größe.csv"), encoding="utf-8")
    assert trained("train", "small.yaml", "--run-dir", "s", "-q").code == 0
    Path("words").write_text("\n".join(TOLD), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", RUN], env=os.environ | ASCII | {"COLUMNS": "60"}, capture_output=True)
    err, out = done.stderr.decode("ascii"), done.stdout.decode()  # talk is ASCII; a file's content is UTF-8
    assert "Traceback" not in err, err
    assert err.splitlines()[-1] == str(list(TOLD.values())), err
    assert "stra?e: " in out  # inspect
    assert "straße" in out  # config and predictions
    assert "stra\\u00dfe" in out  # JSON
    assert "*" in out  # the chart
    assert "this locale has no characters for the name" in err


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LANG": ""}, {"FORCE_COLOR": "1"}])
@pytest.mark.parametrize("width", [40, 60])
def test_every_command_is_as_narrow_as_its_terminal(
    trained: Program, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], width: int
) -> None:
    for name, value in (environment | {"COLUMNS": str(width)}).items():
        monkeypatch.setenv(name, value)
    for name, setting in (("other", "model.dropout=0"), ("third", "seed=1")):
        assert trained("train", "small.yaml", "-s", setting, "--run-dir", name, "-q").code == 0
    for words in (
        "train small.yaml -s training.epochs=30",
        "train small.yaml -s training.epochs=2 -s data.split.name=kfold",
        "find-lr small.yaml",
        "evaluate r",
        "inspect r",
        "runs .",
        "compare r other",
        "compare r other third",
        "explain training.schedule",
        "explain",
    ):
        told = trained(*words.split())
        assert told.code == 0, told.err
        plain = re.sub(r"\x1b\[[\d;]*m", "", told.out + told.err)
        assert environment.get("FORCE_COLOR") or "\x1b" not in told.out + told.err
        for line in plain.splitlines():
            whole = any(
                part in line for part in ("netrain ", "--set ", "out_of_fold", "from ", "learning rate", "run ")
            )
            assert whole or len(line.rstrip()) <= width, line


def test_a_dumb_terminal_has_its_width_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("COLUMNS", "47")
    for kind in ("dumb", "xterm"):
        monkeypatch.setenv("TERM", kind)
        assert (talk().width, stdout().width) == (47, 47)


def test_a_stream_that_cannot_be_written_is_no_bug(trained: Program) -> None:
    assert trained("inspect", "r").code == 0
    for words, code, message in (
        ("schema > /dev/full", 5, "error: stdout: cannot be written: No space left on device"),
        ("evaluate r > /dev/full", 5, "error: stdout: cannot be written: No space left on device"),
        ("explain 2> /dev/full > /dev/full", 5, ""),
        ("inspect r >&-", 0, ""),
        ("explain | true", 0, ""),
    ):
        command = f"{sys.executable} -m netrain {words}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        assert (done.returncode, done.stderr.strip()) == (code, message), words


def test_no_fold_goes_missing_where_it_is_narrow(trained: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    err = trained("train", "small.yaml", "-s", "training.epochs=2", "-s", "data.split.name=kfold").err
    for row in ("mean", "spread", "trivial", *(f"fold {n}" for n in range(1, 6))):
        assert re.search(rf"^{row} +\S+", err, re.M), row


# What a new user stumbles over


def test_columns_are_kept_by_an_option_each_or_by_a_list(trained: Program) -> None:
    told = trained("predict", "table.csv", "-c", "r", "--keep", "x", "--keep", "city,colour", "-q")
    assert told.out.splitlines()[0].split(",")[:4] == ["x", "city", "colour", "prediction"]


def test_a_checkpoint_is_scored_by_option_too_and_its_own_table_is_told(trained: Program) -> None:
    by_option, by_place = trained("evaluate", "-c", "r", "--json"), trained("evaluate", "r", "--json")
    assert (by_option.code, by_option.out) == (0, by_place.out)
    told = trained("evaluate", "r", "--data", "table.csv")
    assert "this is the table of the training: most rows were learned from" in told.err
    assert json.loads(trained("evaluate", "r", "--data", "table.csv", "--json").out)["learned_from"]
    lines = Path("table.csv").read_text().splitlines(keepends=True)
    Path("other.csv").write_text("".join(lines[:40]))
    told = trained("evaluate", "r", "--data", "other.csv")
    assert (told.code, "learned from" in told.err) == (0, False)


def test_a_rate_is_found_for_a_table_as_training_takes_it(trained: Program) -> None:
    told = trained("find-lr", "table.csv", "--target", "label", "--preset", "fast", "-s", "data.columns.value=drop")
    assert told.code == 0
    command = told.out.splitlines()[-1]
    words = "netrain train table.csv --target label --preset fast --set data.columns.value=drop --set training."
    assert command.startswith(words)


SCRIPT = """
eval "$(_NETRAIN_COMPLETE=source_bash netrain)"
COMP_WORDS=(netrain train t.csv --set training.clip = n); COMP_CWORD=6
_netrain_completion netrain
printf '%s ' "${COMPREPLY[@]}"
"""


def test_bash_itself_completes_behind_an_equals_sign() -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", SCRIPT], env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["none", "norm"], "")


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("check small.yaml", 0),
        ("evaluate r", 0),
        ("explain", 0),
        ("--show-completion bash", 0),
        ("explain lr --json", 2),
        ("--show-completion --json", 2),
    ],
)
def test_a_reader_that_has_gone_is_no_bug(words: str, code: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "netrain", *words.split()], stdout=writing, stderr=subprocess.PIPE, env=environment
    )
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
    assert done.returncode == code, done.stderr


NAMES = [
    "a.b",
    "a\u00a0b",
    "it's",
    'say "a"',
    "'\"",
    "back\\slash",
    "tab\there",
    "tick`s",
    "a=b",
    " x ",
    "\U0001f600",
    "\xe9",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_column_is_set_by_the_words_that_are_told(name: str) -> None:
    told = as_arguments(f"`{dotted(('data', 'columns', name))}: drop`")
    _, setting = shlex.split(told.strip("`"))
    config = parse_config("data: {path: t.csv, target: y}", "t.yaml", [setting]).config
    assert config.data.columns == {name: Drop()}
    assert dotted(("data", "columns", name)).isprintable()


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ("scale: robust", "numeric"),
        ("indicator: false", "numeric"),
        ("min_rows: 3", "categorical"),
        ("encode: embedding", "categorical"),
        ("elapsed: false", "datetime"),
        ('format: "%Y"', "datetime"),
    ],
)
def test_a_column_is_of_the_kind_that_alone_has_its_keys(keys: str, kind: str) -> None:
    config = parse_config(f"data: {{path: t.csv, target: y, columns: {{a: {{{keys}}}}}}}", "t.yaml").config
    assert config.data.columns["a"].name == kind
    assert parse_config(config.to_yaml(), "t.yaml").config == config


@pytest.mark.parametrize("column", ["Age", '"a.b"', "COLUMN"])
@pytest.mark.parametrize("key", ["scale", "scale.bound", "encode", "parts", "impute.value", "numeric", "drop"])
def test_the_example_of_a_column_sets_that_column(netrain: Program, column: str, key: str) -> None:
    told = netrain("explain", f"data.columns.{column}.{key}").out
    setting = shlex.split(re.findall(r"^  (--set .*)$", told, re.M)[0])[1]
    config = parse_config("data: {path: t.csv, target: y}", "t.yaml", [setting]).config
    assert list(config.data.columns) == [column.strip('"')]


@pytest.mark.parametrize("key", ["training.optimizer.adamw", "model.mlp", "training.stop.target", "data.split.files"])
def test_the_example_of_a_choice_chooses_it(netrain: Program, key: str) -> None:
    told = netrain("explain", key).out
    setting = shlex.split(re.findall(r"^  (--set .*)$", told, re.M)[0])[1]
    above, _, choice = key.rpartition(".")
    assert setting.startswith(f"{above}=")
    assert choice in setting
    parse_config("data: {path: t.csv, target: y}", "t.yaml", [setting])


def test_every_word_of_other_tools_leads_to_what_there_is() -> None:
    values = {choice for field in every_key().values() for choice in choices_within(field)}
    values |= {name for of in metrics().values() for name in of}
    for word, meant in aliases.VALUES.items():
        assert set(meant) <= values, word
    for word, key in {**aliases.KEYS, **aliases.CHOICES}.items():
        assert find(key), word
    for word, form in aliases.VALUES_OF.items():
        setting = f"{aliases.KEYS[word]}={form.format('0.5' if word == 'ema' else 5)}"
        parse_config("data: {path: t.csv, target: y}", "t.yaml", [setting])


def test_the_metrics_of_a_key_are_those_of_a_run(trained: Program) -> None:
    told = json.loads(trained("explain", "metric", "--json").out)["metrics"]["two classes"]
    assert told == ["loss", *json.loads(trained("evaluate", "r", "--json").out)["metrics"]]
    assert "of values: loss, rmse" in trained("explain", "training.stop.patience.metric").out


def test_a_run_that_patience_has_ended_trains_on_by_the_words_that_are_told(trained: Program) -> None:
    rule = "training.stop={name: patience, epochs: 1}"
    rate = "training.optimizer.learning_rate=5"
    trained("train", "small.yaml", "-q", "--run-dir", "s", "-s", rule, "-s", rate, "-s", "training.epochs=40")
    done = json.loads(Path("s/report.json").read_text())["epochs"]
    assert done < 40
    told = trained("resume", "s", "--set", f"training.epochs={done + 30}")
    hint = re.search(r"hint: `netrain (.*)`", told.err)
    assert (told.code, bool(hint)) == (2, True)
    assert trained(*shlex.split(hint[1]), "-q").code == 0
    assert json.loads(Path("s/report.json").read_text())["epochs"] == done + 30
