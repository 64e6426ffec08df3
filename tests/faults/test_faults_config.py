"""Configs that are none, from a syntax error to a bomb: exit 2, the place, and no traceback."""

import json
import os
import random
import resource
import time
from pathlib import Path
from typing import Any

import pytest
from small import Program, small_table
from zygote import Zygote

from netrain import yaml12
from netrain.commands.check import check
from netrain.config import Config, parse_config
from netrain.errors import NetrainError

GOOD = "data: {path: table.csv, target: label, columns: {value: drop}}\ntraining: {epochs: 1, stop: never}\n"
LEVELS = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 30))

BAD: dict[str, tuple[bytes, str]] = {
    "a tab": (b"seed: 1\n\tdata: x\n", "bad.yaml:2:1: not YAML"),
    "a key that stands twice": (GOOD.encode() + b"training: {}\n", "bad.yaml:3:1: `training` is already set on line 2"),
    "a wrong type": (GOOD.replace("epochs: 1", "epochs: ten").encode(), "bad.yaml:2:20: `training.epochs` must be a"),
    "a number out of range": (GOOD.replace("epochs: 1", "epochs: 0").encode(), "must be at least 1: `0`"),
    "a share of all": (GOOD.encode() + b"model: {dropout: 1.0}\n", "`model.dropout` must be below 1: `1.0`"),
    "a flag of old": (GOOD.encode() + b"report: {rows: NO}\n", "bad.yaml:3:"),
    "a seed of old": (GOOD.encode() + b"seed: NO\n", "`seed` must be a whole number: `NO`"),
    "an alias bomb": (f"data:\n  l0: &l0 [1]\n{LEVELS}".encode(), "bad.yaml:2:7: anchors and aliases are not read"),
    "deep lists": (b"data: " + b"[" * 100_000, "nested deeper than 32"),
    "deep mappings": (b"{a: " * 100_000, "nested deeper than 32"),
    "deep indents": (b"".join(b" " * n + b"a:\n" for n in range(1000)), "nested deeper than 32"),
    "a tag of Python": (b"data: !!python/object/apply:os.system ['touch canary']\n", "tags are not read"),
    "more than 1 MB": (b"#" * 1_000_001, "larger than 1 MB"),
    "nothing": (b"", "the config is empty"),
    "two documents": (GOOD.encode() + b"---\na: 1\n", "a second document"),
    "a list": (b"- a\n", "a config is a mapping"),
    "no UTF-8": (b"a: 1\nb: \xff\n", "bad.yaml:2: not UTF-8 text"),
    "a NUL": (b"a: \0\n", "cannot stand in YAML"),
    "5,000 digits": (GOOD.encode() + b"seed: " + b"9" * 5000, "a number of more than 100 digits"),
    "a rate that is no number": (GOOD.replace("epochs: 1", "optimizer: {learning_rate: .nan}").encode(), "finite"),
    "a rate without bound": (GOOD.replace("epochs: 1", "optimizer: {learning_rate: .inf}").encode(), "finite"),
    "a config to come": (b"version: 9\n" + GOOD.encode(), "bad.yaml:1:1: `version` is not a key"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "not UTF-8 text"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_config_exits_2_at_its_place(netrain: Program, tmp_path: Path, what: str) -> None:
    content, message = BAD[what]
    (tmp_path / "bad.yaml").write_bytes(content)
    started = time.monotonic()
    told = netrain("train", "bad.yaml")
    assert told.code == 2, told.err
    assert message in told.err
    assert "Traceback" not in told.err
    assert time.monotonic() - started < 10.0
    assert not (tmp_path / "canary").exists()


def test_bombs_end_in_bounded_memory(zygote: Zygote, tmp_path: Path) -> None:
    for what in ("an alias bomb", "deep lists", "deep mappings"):
        (tmp_path / "bad.yaml").write_bytes(BAD[what][0])
        child = zygote.start(tmp_path, ("train", "bad.yaml"), limits=[(resource.RLIMIT_DATA, 1 << 30)])
        assert child.wait(20) == 2, child.err


def keys(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every key of a mapping below which there are no freely chosen names."""
    if not isinstance(value, dict):
        return []
    found = [(*path, key) for key in value if path != ("data", "columns")]
    return found + [below for key, of in value.items() for below in keys(of, (*path, key))]


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    """Every key of the config with one letter changed, left out, doubled or swapped."""
    rng = random.Random(0)
    complete = parse_config(GOOD, "c.yaml").config.model_dump(mode="json")
    complete["training"].pop("stop")
    for path in keys(complete):
        key = path[-1]
        if key == "name" or len(key) < 4:
            continue
        at = rng.randrange(1, len(key))
        for wrong in (key[:at] + key[at + 1 :], key[:at] + key[at - 1 :], key[:at] + "q" + key[at + 1 :]):
            if wrong == key:
                continue
            data = json.loads(json.dumps(complete))
            holder = data
            for part in path[:-1]:
                holder = holder[part]
            holder[wrong] = holder.pop(key)
            with pytest.raises(NetrainError) as told:
                parse_config(yaml12.dump(data), "c.yaml")
            assert f"`{'.'.join((*path[:-1], wrong))}` is not a key" in str(told.value)
            right = f"did you mean `{key}`", f"`{wrong}` stands under"  # a key elsewhere
            assert any(hint in str(told.value) for hint in right)


def test_a_config_that_is_no_file_exits_2_and_is_not_waited_for(netrain: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name, message in (
        ("pipe.yaml", "not a regular file"),
        ("folder.yaml", "a directory"),
        ("gone.yaml", "no such"),
    ):
        told = netrain("train", name)
        assert told.code == 2, told
        assert message in told.err


def test_a_config_that_cannot_be_read_exits_2(netrain: Program, tmp_path: Path) -> None:
    """A regular file that even root cannot read."""
    broken = Path("/proc/self/mem")
    if not broken.is_file():
        broken = tmp_path / "secret.yaml"
        broken.write_text(GOOD)
        broken.chmod(0)
    told = netrain("train", broken)
    assert told.code == 2
    assert f"error: {broken}: cannot be read: " in told.err


@pytest.mark.parametrize("folder", ["näme 名前", "with spaces", "-dash", "x" * 200, "[glob]*", "a=b,c"])
def test_any_folder_will_do(netrain: Program, tmp_path: Path, folder: str) -> None:
    """A path in the config counts from its own folder; one outside of it is allowed for one's own use."""
    (tmp_path / folder / "configs").mkdir(parents=True)
    small_table().write_csv(tmp_path / folder / "table.csv")
    (tmp_path / folder / "configs" / "c.yaml").write_text(GOOD.replace("table.csv", "../table.csv"))
    told = netrain("train", "-q", "--run-dir", f"{folder}/run", "--", f"{folder}/configs/c.yaml")
    assert told.code == 0, told.err
    assert netrain("evaluate", "-q", "--", f"{folder}/run").code == 0
    assert (
        netrain("predict", "-q", "-c", f"{folder}/run", "-o", f"{folder}/p.csv", "--", f"{folder}/table.csv").code == 0
    )
    assert netrain("resume", "-q", "-s", "training.epochs=2", "--", f"{folder}/run").code == 0


def junk(rng: random.Random, depth: int = 0) -> Any:
    """A value of any kind."""
    leaves = [
        None,
        True,
        0,
        -1,
        1,
        10**40,
        0.5,
        -1e300,
        "",
        "x",
        "adam",
        "../..",
        "\x1b[31m",
        "2020-01-01",
        "*",
        "^.*$",
    ]
    kind = rng.random()
    if depth > 3 or kind < 0.6:
        return rng.choice(leaves)
    if kind < 0.8:
        return [junk(rng, depth + 1) for _ in range(rng.randrange(3))]
    return {str(rng.choice(leaves)): junk(rng, depth + 1) for _ in range(rng.randrange(3))}


def generated(rng: random.Random, complete: dict[str, Any], vocabulary: list[str]) -> bytes:
    """A config near a good one, or text near one, or bytes."""
    data = json.loads(json.dumps(complete))
    for _ in range(rng.choice((1, 1, 2, 5))):
        holder = data
        while True:
            key = rng.choice(list(holder)) if holder else "x"
            below = holder.get(key)
            if isinstance(below, dict) and below and rng.random() < 0.8:
                holder = below
                continue
            break
        how = rng.random()
        if how < 0.4:
            holder[key] = junk(rng)
        elif how < 0.6:
            holder[key] = rng.choice(vocabulary)
        elif how < 0.7:
            holder.pop(key, None)
        else:
            holder[rng.choice(vocabulary)] = junk(rng)
    text = yaml12.dump(data) if rng.random() < 0.8 else json.dumps(data)
    content = bytearray(text.encode("utf-8", "replace"))
    if rng.random() < 0.3:
        for _ in range(rng.randrange(1, 6)):
            content[rng.randrange(len(content))] = rng.choice((rng.randrange(256), *b"\t\n:{}[]#&*!|>'\"%@`-"))
    if rng.random() < 0.05:
        content = bytearray(rng.randbytes(rng.randrange(200)))
    return bytes(content)


@pytest.mark.parametrize("trials", [pytest.param(10_000, marks=pytest.mark.slow), 100])
def test_generated_configs_are_read_or_refused(netrain: Program, tmp_path: Path, trials: int) -> None:
    """No traceback, no hang, whatever stands in it."""
    complete = parse_config(GOOD, "c.yaml").config.model_dump(mode="json")
    schema = json.dumps(Config.model_json_schema())
    vocabulary = sorted({word for word in schema.replace('"', " ").split() if word.isidentifier()})
    codes: list[int] = []
    small_table().write_csv(tmp_path / "table.csv")
    for trial in range(trials):
        (tmp_path / "g.yaml").write_bytes(generated(random.Random(trial), complete, vocabulary))
        started = time.monotonic()
        try:
            check(tmp_path / "g.yaml", [], "", [])
            codes.append(0)
        except NetrainError as error:
            codes.append(error.exit_code)
        if trial % 10 == 0 or codes[-1] == 7:
            told = netrain("train", "g.yaml", "-s", "training.epochs=1", "--run-dir", f"r{trial}", "-q")
            assert told.code in (0, 2, 3, 4, 5, 7), (trial, told.err)
            assert "Traceback" not in told.err
            assert codes[-1] != 7 or told.code == 7, trial  # what diverges within the steps that a check times
        assert codes[-1] in (0, 2, 3, 4, 5, 7), trial
        assert time.monotonic() - started < 20, trial
    assert codes.count(2) > trials / 3
    assert 0 in codes
