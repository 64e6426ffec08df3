"""What provokes each message: a command with the files it finds, or an expression in Python."""

import fcntl
import gzip
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from safetensors import safe_open

from netrain.cli.program import run
from netrain.storage import plain_file
from netrain.training.checkpoint import MAX_BYTES, pack, unpack

Content = str | bytes

# The runs that a case may start from, by their folders: what `netrain train t.csv` is told, once for all cases.
RUNS = {
    "labels": "--target label --set training.epochs=2 --set data.columns.value=drop --set model.hidden=[4]",
    "values": "--target value --set training.epochs=2 --set data.columns.label=drop --set model.hidden=[4]",
    "untested": "--target label --set training.epochs=1 --set data.split.test=0 --set model=linear",
    "stopped": "--target label --set training.epochs=9 --set 'training.stop={name: patience, metric: loss, epochs: 1}' "
    "--set data.columns.value=drop --set model=linear --set training.optimizer.learning_rate=9",
    "bag": "--target label --set training.epochs=1 --set training.bag=2 --set model=linear",
    "folds": "--target label --set training.epochs=1 --set 'data.split={name: kfold, folds: 2}' --set model=linear",
}


@dataclass(frozen=True)
class Case:
    """A command, or an expression in Python; the files of its folder; the runs it starts from."""

    command: str = ""
    files: dict[str, Content] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    before: Callable[[], None] | None = None
    python: str = ""
    stdin: bytes = b""
    until: str = ""  # what stands behind it is another library's word


def conf(text: str, options: str = "", **files: Content) -> Case:
    """A config; its table need not be there."""
    return Case(
        f"train c.yaml {options}".strip(), {"c.yaml": text, **{k.replace("_csv", ".csv"): v for k, v in files.items()}}
    )


def more(text: str, options: str = "") -> Case:
    """A config that says more than its data."""
    return conf("data: {path: t.csv, target: y}\n" + text, options)


def given(*settings: str) -> Case:
    """A table with its target, and `--set`."""
    quoted = " ".join("--set '" + s.replace("'", "'\"'\"'") + "'" for s in settings)
    return Case(f"train t.csv --target y {quoted}", {"t.csv": "x,y\n" + "1,a\n2,b\n" * 9})


def table(content: Content, options: str = "", name: str = "t.csv", target: str = "y", **more_files: Content) -> Case:
    """A table that is trained on."""
    files = {name: content, **{k.replace("_csv", ".csv"): v for k, v in more_files.items()}}
    return Case(f"train {name} --target {target} -q {options}".strip(), files)


ROWS = "x,w,y\n" + "".join(f"{i},{i % 7},{'ab'[i % 3 == 0]}\n" for i in range(30))
NUMBERS = "x,y\n" + "".join(f"{i % 11},{i * 1.5}\n" for i in range(40))

CONFIG = {
    "an unknown key": more("training:\n  optimizer:\n    momentun: 0.9\n"),
    "a key that is spelled in another way": more("training: {batchsize: 3}\n"),
    "a key that stands elsewhere": more("training: {learning_rate: 0.1}\n"),
    "a key of the top": more("model: {name: mlp, seed: 1}\n"),
    "a key that is spelled like one of another place": more("training: {lerning_rate: 0.1}\n"),
    "a key that is spelled like one of the top": more("model: {name: mlp, matric: rmse}\n"),
    "a key of another choice": more("model: {name: mlp, width: 32}\n"),
    "a key like no other": more("training: {zzz: 1}\n"),
    "the learning rate of other tools": more("training: {lr: 0.1}\nlr: 1\n"),
    "the layers of other tools": more("model: {layers: [1]}\nhidden_layer_sizes: 3\n"),
    "the stopping of other tools": more("training: {early_stopping: true, n_epochs: 3}\n"),
    "the validation of other tools": conf("data: {path: t.csv, target: y, val: 0.1, split: {validation: 0.1}}\n"),
    "a missing key": conf("data: {path: t.csv}\n"),
    "a misspelled required key": conf("data:\n  path: t.csv\n  tagret: y\n"),
    "a choice by a misspelled name": more("training: {optimizer: adamm, stop: [never, nevr]}\n"),
    "a choice like no other": more("loss: gini\n"),
    "no choice": more("task: classify\npreset: quick\n"),
    "null for a choice": conf("data: {path: t.csv, target: y, decimal: }\n"),
    "a column without its name": conf(
        "data: {path: t.csv, target: y, columns: {x: {scale: robust}, z: {}, v: {name: 3}}}\n"
    ),
    "text for a whole number": more("training: {epochs: ten, batch_size: '32'}\n"),
    "numbers as others write them": more("training: {epochs: 1_000, batch_size: 1e2, l1: '0,1'}\n"),
    "out of range": more(
        "seed: -1\ntraining: {epochs: 0, optimizer: {learning_rate: -1}}\nmodel: {name: mlp, dropout: 1}\n"
    ),
    "not finite": more("training: {l1: .inf, noise: .nan, optimizer: {learning_rate: 1e400}}\n"),
    "a number for a list": more("model: {hidden: 32}\n"),
    "text for a list": more("model: {hidden: '32, 16'}\n"),
    "a list for a number": more("training: {epochs: [3]}\n"),
    "an empty list": more("model: {hidden: []}\n"),
    "too long a list": more(f"model: {{hidden: [{', '.join(['1'] * 101)}]}}\n"),
    "text for a flag": conf("data: {path: t.csv, target: y, header: no}\n"),
    "a number for text": conf("data: {path: t.csv, target: 3, weight: true}\n"),
    "text for a mapping": conf("data: t.csv\n"),
    "a list for a choice": more("model: [mlp]\n"),
    "quantiles out of range": more("loss: {name: quantile, quantiles: [5, 50]}\n"),
    "quantiles that are the same": more("loss: {name: quantile, quantiles: [0.5, 0.5]}\n"),
    "momentum that is not there": more("training: {optimizer: {name: sgd, nesterov: true, momentum: 0.0}}\n"),
    "a target twice": conf("data: {path: t.csv, target: [y, y]}\n"),
    "a weight that is the target": conf("data:\n  path: t.csv\n  target: y\n  weight: y\n"),
    "shares that leave nothing": conf("data: {path: t.csv, target: y, split: {valid: 0.6, test: 0.4}}\n"),
    "a fold that is not there": conf("data: {path: t.csv, target: y, split: {name: kfold, fold: 9}}\n"),
    "folds by no column": conf("data: {path: t.csv, target: y, split: {name: kfold, by: group}}\n"),
    "two characters for a separator": conf("data: {path: t.csv, target: y, separator: '||', quote: ''}\n"),
    "a separator that is the quote": conf("data: {path: t.csv, target: y, separator: '\"'}\n"),
    "a comment of two lines": conf('data: {path: t.csv, target: y, comment: "#\\n"}\n'),
    "no encoding": conf("data: {path: t.csv, target: y, encoding: utf-9}\n"),
    "a missing value that is no text": conf("data: {path: t.csv, target: y, missing: [true, .inf]}\n"),
    "a network that is not of the bag": conf("data: {path: t.csv, target: y}\ntraining:\n  bag: 3\n  member: 4\n"),
    "a bag by time": conf("data: {path: t.csv, target: y, split: in_order}\ntraining:\n  bag: 3\n"),
    "an empty path": conf("data: {path: '', target: y}\n"),
    "nothing to watch": conf("data: {path: t.csv, target: y, split: {valid: 0}}\nmodel: linear\n"),
    "more mistakes than are told": more(f"model: {{hidden: [{', '.join(['x'] * 30)}]}}\n"),
    "all at once": conf("seed: x\ndata: {path: t.csv}\nmodle: 3\n"),
}

YAML = {
    "a tab": conf("data:\n\tpath: t.csv\n"),
    "a character that starts nothing": conf("data: {path: t.csv, target: @y}\n"),
    "a bracket that stays open": conf("data: {path: t.csv\n"),
    "a key too far right": conf("data:\n  path: t.csv\n    target: y\n"),
    "a key too far left": conf("data:\n    path: t.csv\n  target: y\n"),
    "a duplicate key": conf("data: {path: t.csv, target: y}\nseed: 1\nseed: 2\n"),
    "an alias": conf("data: &d {path: t.csv, target: y}\n"),
    "a tag": conf("data: !!python/object:os.system {}\n"),
    "a control character": conf("data: \0\n"),
    "a key that is a list": conf("? [a]\n: 3\n"),
    "too deep": conf("a: " + "[" * 40 + "]" * 40),
    "a huge number": conf("seed: " + "1" * 200),
    "two documents": conf("a: 1\n---\nb: 2\n"),
    "a list": conf("[1]\n"),
    "nothing": conf(""),
    "no such file": Case("train none.yaml", {"iris.yaml": "", "wine.yaml": ""}),
    "a folder": Case("train .", {}),
    "no regular file": Case("train pipe.yaml", before=lambda: os.mkfifo("pipe.yaml")),
    "unreadable": Case("train c.yaml", before=lambda: os.symlink("/proc/self/mem", "c.yaml")),
    "larger than a config": Case("train c.yaml", {"c.yaml": "#" * 1_000_001}),
    "not UTF-8": Case("train c.yaml", {"c.yaml": b"a: 1\nb: \xff\n"}),
    "a long line": conf(f"data: {{path: t.csv, target: y}}\nmodel: {{hidden: [{'1, ' * 90}x, {'1, ' * 90}1]}}\n"),
}

ARGUMENTS = {
    "no value": given("training.epochs"),
    "no key": given("=3"),
    "a wrong value": given("training.epochs=ten"),
    "a misspelled key": given("training.epoch=3"),
    "within a value": given("model={name: mlp, hiden: [3]}"),
    "a choice without what it needs": given("training.stop.name=target"),
    "a column whose name holds a dot": given("data.columns.a.b.scale=robust"),
    "the same by its kind": given("data.columns.a.b=drop"),
    "a column without its name": given("data.columns.x={}"),
    "a quoted column without its name": given('data.columns."a.b".scale=robust'),
    "a comma": given("data.decimal=,"),
    "a percent sign": given("data.comment=%"),
    "an at sign": given("data.quote=@"),
    "a star": given("data.separator=*"),
    "an ampersand": given("data.separator=&"),
    "a comment": given("data.comment=#"),
    "a comment behind a value": given("data.target=a #1"),
    "a bar": given("data.separator=|"),
    "an open bracket": given("model.hidden=[3"),
    "an open quote": given("data.quote='"),
    "an item that is not there": Case(
        "train c.yaml --set model.hidden.2=3 ", {"c.yaml": "data: {path: t.csv, target: y}\nmodel: {hidden: [3, 3]}\n"}
    ),
    "beside a config": more("", "--set training.epochs=0"),
    "a word of other tools": given("lr=0.1"),
    "a key in capitals": given("DATA.header=false"),
    "a key of another choice": given("data.split.folds=3"),
    "a number for a list": given("model.hidden=32"),
    "percents": given("data.split.valid=15", "data.split.test=15%"),
    "a tab": given("data.separator=\\t"),
    "two settings that do not go together": given("data.weight=y"),
    "no target": Case("train t.csv", {"t.csv": "x,y\n"}),
    "no target, and no table": Case("train t.csv"),
    "no target, of a table with rows": Case("train t.csv -s 'data.separator=\";\"'", {"t.csv": "x;y\n1;2\n"}),
    "a target with a config": Case("train c.yaml --target y", {"c.yaml": ""}),
    "two targets with a config": Case("check c.yaml --target y --target 'a b'", {"c.yaml": ""}),
    "a config for a table": Case("init c.yaml", {"c.yaml": ""}),
    "a table for find-lr": Case("find-lr t.csv --target z", {"t.csv": "x,y\n1,a\n2,b\n"}),
    "a loss of other tools": given("loss=mse"),
    "a metric of other tools": given("metric=AUC"),
    "a choice of other tools": given("model.activation=swish", "training.schedule=reduce_on_plateau"),
    "blanks for a list": given("model.hidden=64 64"),
    "commas for a list": given("model.hidden=64,64"),
    "a column whose name cannot be seen whole": given('data.columns."a\\u00a0\\"b".scale=robust'),
    "keys of two kinds of columns": given("data.columns.x={impute: mean, encode: one_hot}"),
    "an option for a rate": Case("train c.yaml --lr 1e-3"),
    "an option for patience": Case("train c.yaml --patience 5"),
    "an option for folds": Case("train c.yaml --kfold 5"),
    "an option for a comma": Case("train c.yaml --decimal ,"),
    "an option for a list": Case("train c.yaml --hidden '64 64'"),
    "an option for a loss": Case("train c.yaml --loss mse"),
    "a setting without its sign": Case("train c.yaml --set training.epochs 50"),
    "no preset": Case("train t.csv --target y --preset quick", {"t.csv": ""}),
    "no command": Case("trian"),
    "no option": Case("train c.yaml --epochs 3"),
    "a word of other tools to explain": Case("explain lr"),
    "a choice to explain": Case("explain adamw"),
    "no such key to explain": Case("explain training.schedul"),
    "no key at all to explain": Case("explain seed.x"),
}

BINARY = io.BytesIO()
pl.DataFrame({"x": [1.0, 2.0] * 9, "y": ["a", "b"] * 9}).write_parquet(BINARY)
STRINGS = io.BytesIO()
pl.DataFrame({"x": ["1", "b"] * 9, "y": ["a", "b"] * 9}).write_parquet(STRINGS)
LISTS = io.BytesIO()
pl.DataFrame({"x": [[1], [2]] * 9, "y": ["a", "b"] * 9}).write_parquet(LISTS)

TABLES = {
    "no such file": Case("train none.csv --target y", {"a.csv": "", "b.csv": "", ".c.csv": "", "d.txt.bak": ""}),
    "a misspelt file": Case("train titanc.csv --target y", {"titanic.csv": "", "a.csv": ""}),
    "a file of another kind": Case("train titanic.csv --target y", {"titanic.parquet": "", "a.csv": ""}),
    "no such folder": Case("train tables/t.csv --target y", {"t.csv": ""}),
    "a folder": Case("train d.csv --target y", before=lambda: os.mkdir("d.csv")),
    "no regular file": Case("train p.csv --target y", before=lambda: os.mkfifo("p.csv")),
    "unreadable": Case("train t.csv --target y", before=lambda: os.symlink("/proc/self/mem", "t.csv")),
    "standard input": Case("evaluate labels -q --data -", runs=("labels",)),
    "a string in a column of numbers of parquet": table(
        STRINGS.getvalue(), "--set data.columns.x=numeric", name="t.parquet"
    ),
    "empty": table(""),
    "blank": table("\n\n \n"),
    "a header alone": table("x,y\n"),
    "rows without values": table("x,y\n,\n,\n"),
    "only nameless columns": table(",\n,\n"),
    "comments alone": table("#\n#\n", "--set 'data.comment=\"#\"'"),
    "semicolons": table("x;y\n1;a\n"),
    "tabs": table("x\ty\n1\ta\n"),
    "commas in a tsv": table("x,y\n1,a\n", name="t.tsv"),
    "semicolons beside commas": table("x;y;z,\n1;a;2,\n"),
    "semicolons in a config": conf("data: {path: t.csv, target: y}", t_csv="x;y\n1;a\n"),
    "too many fields": table("x,y\n1,a\n2,b,c\n3\n"),
    "too few fields by another quote": table("x,y\n1\n", '--set "data.quote=\\"\'\\""'),
    "ragged by its separator": table("x;y;1,2\n1;a;3\n"),
    "an open quote": table('x,y\n1,a\n"2,b\n3,c\n'),
    "an open quote in the header": table('"x,y\n'),
    "CR alone": table("x,y\r1,a\r"),
    "a header that is too long": table("x" * 200_000 + ",y\n1,a\n"),
    "two columns of one name": table("x,y,x\n1,a,2\n"),
    "two columns of one number": table("1,y,1\n1,a,2\n"),
    "a nameless column with values": table("x,,y\n1,2,a\n2,3,b\n"),
    "a name that is a pattern": table("*,y\n1,a\n2,b\n"),
    "latin-1": table("x,y\n1,caf\xe9\n".encode("latin-1")),
    "cp1252": table("x,y\n1,\x80\n".encode("latin-1")),
    "UTF-16 without its mark": table("x,y\n1,a\n".encode("utf-16-le")),
    "UTF-16 that is cut": table("x,y\n1,a\n".encode("utf-16")[:-1]),
    "UTF-16 that is none": table("x,y\n1,a\n", "--set data.encoding=utf-16"),
    "NUL": table("x,y\n1,\0\n"),
    "gzip that is cut": table(gzip.compress(b"x,y\n1,a\n", mtime=0)[:-9], name="t.csv.gz"),
    "gzip that is cut at once": table(b"\x1f", name="t.csv.gz"),
    "gzip that is damaged": table(gzip.compress(b"x,y\n1,a\n", mtime=0)[:-8] + b"\0" * 8, name="t.csv.gz"),
    "a zip archive": table(b"PK\x03\x04....."),
    "a spreadsheet": table(b"\xd0\xcf\x11\xe0....."),
    "a pickle": table(b"\x80\x04\x95......"),
    "a web page": table("<!DOCTYPE html>"),
    "JSON": table('{"x": 1, "y": "a"}\n'),
    "text that should be parquet": table("x,y\n", name="t.parquet"),
    "parquet that should be csv": table(BINARY.getvalue(), "--set data.format=csv"),
    "parquet that is cut": Case(
        "train t.parquet --target y -q", {"t.parquet": BINARY.getvalue()[:-20]}, until="file: "
    ),
    "lists": table(LISTS.getvalue(), name="t.parquet"),
    "JSON lines that are not": table('{"x": 1}\n{"x": \n', name="t.jsonl"),
    "JSON lines of a list": table("[1]\n", name="t.jsonl"),
    "JSON lines of nothing": table("{}\n", name="t.jsonl"),
    "JSON lines that hold a list": table('{"x": 1}\n{"x": [1]}\n', name="t.jsonl"),
    "JSON lines with a key twice": table('{"x": 1, "x": 2}\n', name="t.jsonl"),
    "JSON lines with two keys of one name": table('{"x": 1, " x": 2}\n', name="t.jsonl"),
    "JSON lines with half a character": table('{"x": "\\ud800"}\n', name="t.jsonl"),
    "JSON lines too deep": table('{"x": ' + "[" * 100_000 + "}\n", name="t.jsonl"),
    "JSON lines of ever new keys": table("".join(f'{{"k{i}": 1}}\n' for i in range(12_000)), name="t.jsonl"),
    "too many columns": table(",".join(f"c{i}" for i in range(100_001)) + "\n1\n"),
    "too many keys": table("{" + ", ".join(f'"k{i}": 1' for i in range(100_001)) + "}\n", name="t.jsonl"),
    "tables that differ": conf(
        "data: {path: t.csv, target: y, split: {name: files, test_path: u.csv}}", t_csv="x,y\n1,a\n", u_csv="z,y\n1,a\n"
    ),
    "an infinite number": table("x,y\n1,a\n1e400,b\ninf,a\n"),
}

TARGETS = {
    "no such column": table(ROWS, target="yy"),
    "no such column, like none": table(ROWS, target="outcome"),
    "two columns in one": table(ROWS, target="x,w"),
    "two columns in one, with a config": conf("data: {path: t.csv, target: 'x,w'}", t_csv=ROWS),
    "a class for each row": table("x,Name\n" + "".join(f"{i % 7},name {i}\n" for i in range(60)), target="Name"),
    "no such column, by number": table(ROWS, target="column_3"),
    "missing in a row": table(ROWS + "1,2,\n"),
    "missing in a row, with a config": conf("data: {path: t.csv, target: y}", t_csv=ROWS + "1,2,\n"),
    "missing everywhere": table("x,y\n1,\n2,?\n"),
    "one class": table("x,y\n1,a\n2,a\n"),
    "several targets of classes and values": table(
        NUMBERS.replace("x,y", "x,v").replace("\n", ",a\n").replace("v,a", "v,y"), "--target v"
    ),
    "three classes in several targets": table("x,y,z\n" + "1,a,p\n2,b,q\n3,c,p\n" * 9, "--target z"),
    "a text in a regression": table(ROWS, "--set task=regression"),
    "a constant": table("x,y\n" + "1,5\n2,5\n" * 9, "--set task=regression"),
    "a constant beyond 2^53": table("x,y\n" + f"1,{10**18 + 1}\n2,{10**18 + 2}\n" * 9),
    "a class beyond 2^53": table("x,y\n" + f"1,{10**18 + 1}\n2,{10**18 + 2}\n" * 9, "--set task=classification"),
    "large numbers that hardly differ": table("x,y\n" + "".join(f"{i},{10**18 + i * 1000}\n" for i in range(40))),
    "tiny numbers": table("x,y\n" + "".join(f"{i},{i}e-300\n" for i in range(40))),
    "an absurd number": table(NUMBERS + "1,1e160\n"),
    "an absurd number to test on": table(
        NUMBERS + "1,1e60\n", "--set data.split=in_order --set data.columns.x=categorical"
    ),
    "a few cells of text": table(NUMBERS + "3,high\n"),
    "many cells of text": table(NUMBERS + "3,1 m\n4,2 m\n" + NUMBERS[4:] * 2),
    "a decimal comma": table("x;y\n" + "".join(f"{i};{i},5\n" for i in range(40)), "--set 'data.separator=\";\"'"),
    "thousands separators": table("x,y\n" + "".join(f'{i},"{i},{i:03}"\n' for i in range(1, 40))),
    "a negative count": table(NUMBERS + "1,-2\n", "--set loss=poisson"),
    "a loss for another task": table(ROWS, "--set task=classification --set loss=huber"),
    "a loss for one target": table("x,y,z\n" + "1,a,p\n2,b,q\n" * 9, "--target z --set loss=cross_entropy"),
    "a loss for two classes": table("x,y\n" + "1,a\n2,b\n3,c\n" * 9, "--set loss=binary_cross_entropy"),
    "no metric of this target": table(ROWS, "--set metric=rmse"),
    "a misspelled metric": table(ROWS, "--set metric=acuracy"),
    "a misspelled metric of a stop rule": conf(
        "data: {path: t.csv, target: y}\ntraining:\n  stop:\n    - {name: patience, metric: rocauc}\n", t_csv=ROWS
    ),
    "a metric that is not defined": table(
        "x,y\n" + "1,a\n" * 60 + "2,b\n" * 2,
        "--set metric=roc_auc --set data.split.stratify=false --set data.split.valid=0.05",
    ),
}


def dated(*cells: str) -> Case:
    """A table that is split by a time, in these cells and so on."""
    rows = "".join(f"{cell},{i},{'ab'[i % 2]}\n" for i, cell in enumerate(cells * 9))
    return table("t,x,y\n" + rows, "--set 'data.split={name: time, column: t}'")


SPLITS = {
    "no row to validate": table("x,y\n1,a\n2,b\n"),
    "no row to test": table("x,y\n1,a\n2,b\n3,a\n4,b\n", "--set data.split.valid=0.3 --set data.split.test=0.05"),
    "no row to train": table("x,y\n" + "1,a\n2,b\n" * 3, "--set 'data.split={name: in_order, valid: 0.5, test: 0.49}'"),
    "no row to train by folds": table(
        "x,y\n" + "1,a\n1,b\n2,a\n2,b\n", "--set 'data.split={name: kfold, by: time, column: x, folds: 2}'"
    ),
    "a single group": table("t,x,y\n" + "1,1,a\n" * 4 + "1,1,b\n" * 4, "--set 'data.split={name: group, column: t}'"),
    "two groups": table("t,x,y\n" + "1,1,a\n2,1,b\n" * 9, "--set 'data.split={name: group, column: t}'"),
    "two groups in two folds": table(
        "t,x,y\n" + "1,1,a\n2,1,b\n" * 9, "--set 'data.split={name: kfold, by: group, column: t, folds: 2}'"
    ),
    "classes of two rows": table(
        "x,y\n" + "".join(f"{i % 5},c{i // 2}\n" for i in range(20)), "--set data.split.test=0.5"
    ),
    "no such column": table(ROWS, "--set 'data.split={name: group, column: ww}'"),
    "a missing group": table(ROWS + "1,,a\n", "--set 'data.split={name: group, column: w}'"),
    "a word for no part": table(ROWS, "--set 'data.split={name: column, column: y}'"),
    "no word for training": table(
        "p,x,y\n" + "test,1,a\nvalid,2,b\n" * 5, "--set 'data.split={name: column, column: p}'"
    ),
    "a text that is no date": table(ROWS, "--set 'data.split={name: time, column: y}'"),
    "a day that may be a month": dated("03/04/2024", "05/06/2024"),
    "a date that only a format reads": dated("3 Apr 2024", "5 Jun 2024"),
    "a date that is none": dated("2024-04-03", "2024-04-03", "soon"),
    "too few rows for a bag": table("x,y\n" + "1,a\n2,b\n" * 2, "--set training.bag=20"),
    "too few groups for a bag": table(ROWS, "--set 'data.split={name: group, column: w}' --set training.bag=9"),
    "too few rows for folds": table("x,y\n1,a\n2,b\n3,a\n", "--set 'data.split={name: kfold, folds: 9}'"),
    "too few groups for folds": table(ROWS, "--set 'data.split={name: kfold, by: group, column: w, folds: 20}'"),
    "a fold without rows to validate": table(
        "x,y\n1,a\n2,b\n3,a\n4,b\n", "--set 'data.split={name: kfold, folds: 2, valid: 0.1}'"
    ),
    "a fold by one time": table(
        "x,z,y\n" + "1,1,a\n1,2,b\n" * 9,
        "--set training.stop=never --set 'data.split={name: kfold, by: time, column: x, folds: 2, valid: 0}'",
    ),
    "a fold by time without rows to test": table(
        "x,y\n" + "1,a\n1,b\n" * 9, "--set 'data.split={name: kfold, by: time, column: x, folds: 2}'"
    ),
    "words, and nothing to watch": table(
        "p,x,y\n" + "train,1,a\ntrain,2,b\n" * 5,
        "--set 'data.split={name: column, column: p}' --set training.stop=patience",
    ),
}

LIKE = "x,z,colour,city,label,value\n" + "1,2,red,a,yes,3\n2,2,green,b,no,4\n" * 9

COLUMNS = {
    "no such column": table(ROWS, "--set data.columns.xx=drop"),
    "no such columns, of a config": conf(
        "data:\n  path: t.csv\n  target: y\n  weight: ww\n  split: {name: group, column: g}\n"
        "  columns:\n    xx: drop\n",
        t_csv=ROWS,
    ),
    "a model larger than any machine": Case(
        "train t.csv --target y -q --set 'model.hidden=[9000000, 9000000]'", {"t.csv": ROWS}, until="; this machine"
    ),
    "none left": table(ROWS, "--set data.columns.x=drop --set data.columns.w=drop"),
    "none but constants": table("x,y\n" + "1,a\n1,b\n" * 9),
    "no other": table("y\n" + "a\nb\n" * 9),
    "text for a number": table(ROWS + "high,1,a\n", "--set data.columns.x=numeric"),
    "a decimal comma for a number": table(
        "x;y\n" + "1,5;a\n2,5;b\n" * 9, "--set data.columns.x=numeric --set 'data.separator=\";\"'"
    ),
    "no boolean": table("x,y\n" + "yes,a\nno,b\nperhaps,a\n" * 9, "--set data.columns.x=boolean"),
    "no date": table(ROWS, "--set data.columns.x=datetime"),
    "a date in another format": table("x,y\n" + "11/02/2024,a\n12/02/2024,b\n" * 9, "--set data.columns.x=datetime"),
    "no format of dates": table(
        "x,y\n" + "2024-01-02,a\n2024-01-03,b\n" * 9, "--set 'data.columns.x={name: datetime, format: \"%Q\"}'"
    ),
    "half a format of dates": table(
        "x,y\n" + "2024-01-02,a\n2024-01-03,b\n" * 9, "--set 'data.columns.x={name: datetime, format: \"%H\"}'"
    ),
    "no such weight": table(ROWS, "--set data.weight=ww"),
    "a weight of text": table("x,w,y\n" + "1,p,a\n2,q,b\n" * 9, "--set data.weight=w"),
    "a negative weight": table(ROWS + "1,-2,a\n", "--set data.weight=w"),
    "a missing weight": table(ROWS + "1,,a\n1,,a\n", "--set data.weight=w"),
    "no weight at all": table("x,w,y\n" + "1,0,a\n2,0,b\n" * 9, "--set data.weight=w"),
    "the weight of no class": table(ROWS, "--set 'data.class_weight={name: given, weights: {aa: 2}}'"),
    "weights of classes for numbers": table(NUMBERS, "--set data.class_weight=balanced"),
    "no part to freeze": table(ROWS, "--set 'training.freeze=[hiden]'"),
    "all frozen": table(ROWS, "--set 'model=linear' --set 'training.freeze=[out]'"),
    "a bag to start from": Case(
        "train t.csv --target label -q --set training.start_from=bag", {"t.csv": LIKE}, ("bag",)
    ),
    "nothing to start from": table(ROWS, "--set training.start_from=none"),
    "a start of other inputs": Case(
        "train t.csv --target label -q --set training.start_from=labels --set data.columns.x=drop",
        {"t.csv": LIKE},
        ("labels",),
    ),
    "a start of another model": Case(
        "train t.csv --target value -q --set training.start_from=labels --set data.columns.label=drop "
        "--set 'model={name: mlp, hidden: [5, 5], embedding_size: 3}'",
        {"t.csv": LIKE},
        ("labels",),
    ),
    "divergence": table(
        NUMBERS, "--set training.optimizer.learning_rate=1e18 --set model=linear --set training.optimizer.name=sgd"
    ),
    "a loss that is no number for any rate": Case(
        "find-lr c.yaml",
        {"c.yaml": "data: {path: t.csv, target: y}\nloss: poisson", "t.csv": "x,y\n" + "1,1\n2,1e30\n" * 20},
    ),
}


def opened(path: Path) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """The tensors and facts of a checkpoint."""
    with plain_file(path, MAX_BYTES) as (stream, size):
        packed = unpack(stream, size, "")
        return packed.tensors(), packed.facts


def facts_changed(path: Path, target: str, **facts: object) -> None:
    """A checkpoint whose facts say something else, with a checksum that fits."""
    tensors, before = opened(path)
    Path(target).write_bytes(pack(tensors, {**before, **facts}))


def tensors_changed(path: Path, target: str, value: float) -> None:
    """A checkpoint of which a tensor is cut, or holds a number."""
    tensors, facts = opened(path)
    name = next(n for n in sorted(tensors) if n.startswith("network."))
    if value:
        tensors[name] = np.full_like(tensors[name], value)
    else:
        del tensors[name]
    Path(target).write_bytes(pack(tensors, facts))


def header(content: dict[str, object], target: str = "x.safetensors") -> None:
    """A file of safetensors with this header and no tensors."""
    text = json.dumps(content, separators=(",", ":")).encode()
    Path(target).write_bytes(len(text).to_bytes(8, "little") + text)


def newer() -> None:
    tensors, facts = opened(BEST)
    content = pack(tensors, facts)
    Path("x.safetensors").write_bytes(
        content.replace(b'reader\\":1', b'reader\\":9').replace(b'format\\":1', b'format\\":9')
    )


def incomplete() -> None:
    with safe_open(BEST, "numpy") as file:
        facts = json.loads(file.metadata()["netrain"])
    facts.pop("checksum")
    facts_changed(BEST, "x.safetensors", config={**facts["config"], "loss": {"name": "auto"}})


BEST = Path("labels/checkpoints/best.safetensors")
LAST = BEST.with_name("last.safetensors")
INSPECT = "inspect x.safetensors"
ENTRY = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}


def one_run() -> None:
    """What there is of a run that has just begun."""
    Path("runs/a/checkpoints").mkdir(parents=True)
    Path("runs/a/config.yaml").touch()


CHECKPOINTS = {
    "no run at all": Case("evaluate"),
    "no such file": Case("inspect none.safetensors"),
    "no such run": Case("evaluate runs/nope", before=one_run),
    "a config": Case("evaluate c.yaml", {"c.yaml": ""}),
    "two checkpoints": Case("evaluate labels -c values", runs=("labels", "values")),
    "a run that is trained": Case("train labels", runs=("labels",)),
    "a folder that is none": Case("inspect .", {"a": ""}),
    "a run of folds": Case("evaluate folds", runs=("folds",)),
    "a run without its best": Case("evaluate labels", runs=("labels",), before=lambda: BEST.unlink()),
    "a table": Case("inspect t.csv", {"t.csv": "x,y\n1,2\n"}),
    "a text": Case("inspect text", {"text": "x,y\n1,2\n"}, until="cut short: "),
    "a picture": Case(INSPECT, {"x.safetensors": b"\x89PNG...."}),
    "a pipe": Case(INSPECT, before=lambda: os.mkfifo("x.safetensors")),
    "unreadable": Case(INSPECT, before=lambda: os.symlink("/proc/self/mem", "x.safetensors")),
    "cut short": Case(
        INSPECT, runs=("labels",), before=lambda: Path("x.safetensors").write_bytes(BEST.read_bytes()[:99]) and None
    ),
    "damaged": Case(
        INSPECT,
        runs=("labels",),
        before=lambda: Path("x.safetensors").write_bytes(BEST.read_bytes()[:-1] + b"\1") and None,
    ),
    "facts that are none": Case(INSPECT, before=lambda: header({"__metadata__": {"netrain": "3"}})),
    "facts that are no JSON": Case(INSPECT, before=lambda: header({"__metadata__": {"netrain": "NaN"}})),
    "an impossible size": Case(
        INSPECT,
        before=lambda: header({"__metadata__": {"netrain": '{"oldest_reader":1}'}, "a": {**ENTRY, "shape": [1 << 40]}}),
    ),
    "of a newer netrain": Case(INSPECT, runs=("labels",), before=newer),
    "of other facts": Case(
        INSPECT,
        runs=("labels",),
        before=lambda: facts_changed(BEST, "x.safetensors", config={"seed": 1}),
        until="checkpoint's: ",
    ),
    "of an open loss": Case(INSPECT, runs=("labels",), before=incomplete),
    "without a tensor": Case(INSPECT, runs=("labels",), before=lambda: tensors_changed(BEST, "x.safetensors", 0.0)),
    "with numbers that are not finite": Case(
        INSPECT, runs=("labels",), before=lambda: tensors_changed(BEST, "x.safetensors", float("nan"))
    ),
    "no run to show the config of": Case("config none"),
    "no run among others": Case("config none", before=one_run),
    "a run below a file": Case("train t.csv --target y --run-dir t.csv/d", {"t.csv": ROWS}),
    "a run that is not empty": Case("train t.csv --target y --run-dir d", {"t.csv": ROWS, "d/x": ""}),
}


def changed(path: str, old: str, new: str) -> Callable[[], None]:
    """Replaces a text in a file."""

    def change() -> None:
        before = Path(path).read_text(encoding="utf-8")
        assert old in before
        Path(path).write_text(before.replace(old, new), encoding="utf-8")

    return change


def renamed(old: str, new: str) -> Callable[[], None]:
    """Gives a file another name."""
    return lambda: os.rename(old, new)


def moved(old: str, new: str) -> None:
    """Puts a file in the place of another."""
    Path(old).replace(new)


def moved_table(name: str, content: str) -> Callable[[], None]:
    """Another table where the run has its own."""

    def move() -> None:
        Path("u.csv").write_text(content)
        config = Path(f"{name}/config.yaml")
        text = config.read_text(encoding="utf-8").splitlines(keepends=True)
        path = json.dumps(str(Path("u.csv").resolve()))
        config.write_text("".join(f"  path: {path}\n" if line.startswith("  path:") else line for line in text))

    return move


HELD: list[int] = []  # open as long as the tests run


def held() -> None:
    """Another holder of the lock of a run."""
    HELD.append(os.open("labels/.lock", os.O_RDWR | os.O_CREAT))
    fcntl.flock(HELD[-1], fcntl.LOCK_EX)


def unreported() -> None:
    """A run that was stopped before its report."""
    Path("labels/report.json").unlink()


def linked() -> None:
    """A lock that leads somewhere else."""
    Path("labels/.lock").unlink(missing_ok=True)
    os.symlink("x", "labels/.lock")


def replaced(path: str) -> None:
    """A folder where a file belongs."""
    Path(path).unlink()
    Path(path).mkdir()


RESUME = {
    "no run": Case("resume none"),
    "what may not change": Case("resume labels --set training.batch_size=3", runs=("labels",)),
    "a value that is none": Case("resume labels --set training.epochs=none", runs=("labels",)),
    "a config that has changed": Case(
        "resume labels", runs=("labels",), before=changed("labels/config.yaml", "hidden: [4]", "hidden: [5]")
    ),
    "a table that has changed": Case(
        "resume labels --set training.epochs=9", runs=("labels",), before=moved_table("labels", ROWS)
    ),
    "a record that is not there": Case(
        "resume labels --set training.epochs=9", runs=("labels",), before=lambda: Path("labels/split.json").unlink()
    ),
    "a record whose folds do not fit": Case(
        "resume bag --set training.epochs=9",
        runs=("bag",),
        before=changed("bag/split.json", '"folds":"', '"folds":"-'),
    ),
    "a record whose start had other rows": Case(
        "resume labels --set training.epochs=9",
        runs=("labels",),
        before=changed("labels/split.json", '"rows":"', '"start":{"rows":"t-"},"rows":"'),
    ),
    "the record of another bag": Case(
        "resume bag --set training.epochs=9",
        runs=("bag", "untested"),
        before=lambda: moved("untested/split.json", "bag/split.json"),
    ),
    "a network of another run": Case(
        "resume bag -q",
        runs=("bag", "untested"),
        before=lambda: (
            Path("bag/report.json").unlink(),
            moved("untested/checkpoints/best.safetensors", "bag/bag-2/checkpoints/best.safetensors"),
        )[1],
    ),
    "no whole checkpoint": Case(
        "resume labels",
        runs=("labels",),
        before=lambda: (LAST.write_bytes(LAST.read_bytes()[:99]), BEST.unlink())[1],
    ),
    "a log that is no file": Case(
        "resume labels --set training.epochs=9", runs=("labels",), before=lambda: replaced("labels/epochs.jsonl")
    ),
    "a log without the best epoch": Case(
        "resume labels",
        runs=("labels",),
        before=lambda: (LAST.write_bytes(BEST.read_bytes()), Path("labels/epochs.jsonl").write_text(""), None)[2],
    ),
}

RESUME |= {
    "more epochs where a rule has ended it": Case("resume stopped --set training.epochs=90", runs=("stopped",)),
    "fewer epochs than a fold has": Case(
        "resume folds --set training.epochs=1",
        runs=("folds",),
        before=lambda: (run(["resume", "folds", "-q", "--set", "training.epochs=3"]), None)[1],
    ),
    "fewer epochs than a fold has, in the file": Case(
        "resume folds",
        runs=("folds",),
        before=lambda: (
            run(["resume", "folds", "-q", "--set", "training.epochs=3"]),
            changed("folds/config.yaml", "  epochs: 3", "  epochs: 2")(),
        )[1],
    ),
    "another process in the run": Case("resume labels", runs=("labels",), before=held, until="in this run: "),
    "a lock that is a link": Case("resume labels", runs=("labels",), before=linked),
    "a report that cannot be written": Case(
        "resume labels -q --set training.epochs=3", runs=("labels",), before=lambda: replaced("labels/report.json")
    ),
}

REPORT = {
    "no run": Case("report none"),
    "no report yet": Case("report labels", runs=("labels",), before=unreported),
    "a report that is none": Case(
        "report labels", runs=("labels",), before=lambda: Path("labels/report.json").write_text("[]") and None
    ),
    "a folder for the page": Case("report labels --output labels", runs=("labels",)),
    "no folder for the page": Case("report labels -o none/page.html", runs=("labels",)),
    "a folder for the page of an evaluation": Case("evaluate labels -q --html labels", runs=("labels",)),
    "a page that cannot be written": Case(
        "resume labels -q --set training.epochs=3 --set report.page=true",
        runs=("labels",),
        before=lambda: Path("labels/report.html").mkdir(),
    ),
}

X = "x,z,colour,city,label,value\n1,2,red,city 1,yes,3\n2,2,green,city 2,no,4\n"


def weighted() -> None:
    """A run whose rows have weights."""
    words = "train t.csv --target y -q --run-dir w -s data.weight=w -s training.epochs=1"
    assert run(words.split()) == 0


EVALUATE = {
    "no weights": Case("evaluate w -q --data u.csv", {"t.csv": ROWS, "u.csv": "x,y\n1,a\n2,b\n"}, before=weighted),
    "a part without rows": Case("evaluate untested -q", runs=("untested",)),
    "a checkpoint in no run": Case(
        "evaluate x.safetensors -q", runs=("labels",), before=lambda: os.rename(BEST, "x.safetensors")
    ),
    "no requirement": Case("evaluate labels -q --require accuracy", runs=("labels",)),
    "a requirement of no number": Case("evaluate labels -q --require accuracy>=1e", runs=("labels",)),
    "a requirement of no metric": Case("evaluate labels -q --require acuracy>=0", runs=("labels",)),
    "a requirement that is not met": Case(
        "evaluate labels -q --require 'log_loss<=0' --require 'accuracy>1'", runs=("labels",), until="log_loss is "
    ),
    "no such table": Case("evaluate labels -q --data none.csv", runs=("labels",)),
    "no target": Case("evaluate labels -q --data u.csv", {"u.csv": X.replace("label", "lable")}, ("labels",)),
    "a label that is none": Case("evaluate labels -q --data u.csv", {"u.csv": X.replace("yes", "yess")}, ("labels",)),
    "a target without a row": Case("evaluate labels -q --data u.csv", {"u.csv": X.replace("yes", "")}, ("labels",)),
    "a target of text": Case("evaluate values -q --data u.csv", {"u.csv": X.replace(",3\n", ",three\n")}, ("values",)),
    "an input of text": Case("evaluate labels -q --data u.csv", {"u.csv": X.replace("1,2,", "one,2,")}, ("labels",)),
    "another separator": Case("evaluate labels -q --data u.csv", {"u.csv": X.replace(",", ";")}, ("labels",)),
    "another encoding": Case(
        "evaluate labels -q --data u.csv", {"u.csv": X.replace("red", "r\xe9d").encode("latin-1")}, ("labels",)
    ),
    "the table of the run, changed": Case("evaluate labels -q", runs=("labels",), before=moved_table("labels", ROWS)),
}

PREDICT = {
    "no such table": Case("predict none.csv -c labels", runs=("labels",)),
    "no rows": Case("predict u.csv -c labels", {"u.csv": "x,z,colour,city\n"}, ("labels",)),
    "no rows on stdin": Case("predict - -c labels", runs=("labels",), stdin=b"x,z,colour,city\n"),
    "a missing column": Case("predict u.csv -c labels", {"u.csv": "x,z,city\n1,2,a\n"}, ("labels",)),
    "a missing column among others": Case(
        "predict u.csv -c labels", {"u.csv": "id,x,z,city,more\n1,1,2,a,b\n"}, ("labels",)
    ),
    "missing columns": Case("predict u.csv -c labels", {"u.csv": "x,zz,city\n1,2,a\n"}, ("labels",)),
    "none of the columns": Case("predict u.csv -c labels", {"u.csv": "a,b\n1,2\n"}, ("labels",)),
    "text for numbers": Case("predict u.csv -c labels", {"u.csv": X.replace("1,2,", "one,2,")}, ("labels",)),
    "a decimal comma": Case(
        "predict u.csv -c labels", {"u.csv": X.replace("1,2,", '"1,5",2,').replace("\n2,", '\n"2,5",')}, ("labels",)
    ),
    "an infinite number": Case("predict u.csv -c labels", {"u.csv": X.replace("1,2,", "inf,2,")}, ("labels",)),
    "another separator": Case("predict u.csv -c labels", {"u.csv": X.replace(",", ";")}, ("labels",)),
    "no header": Case("predict u.csv -c labels", {"u.csv": "1,1,a,b\n1,1,a,b\n"}, ("labels",)),
    "the table itself": Case("predict u.csv -c labels -o u.csv", {"u.csv": X}, ("labels",)),
    "another format": Case("predict u.csv -c labels -o p.xlsx", {"u.csv": X}, ("labels",)),
    "a folder that is not there": Case("predict u.csv -c labels -o none/p.csv", {"u.csv": X}, ("labels",)),
    "no column to keep, of those not needed": Case("predict u.csv -c labels --keep valu", {"u.csv": X}, ("labels",)),
    "no column to keep": Case("predict u.csv -c labels --keep colur", {"u.csv": X}, ("labels",)),
    "a column to keep twice": Case("predict u.csv -c labels --keep x,x", {"u.csv": X}, ("labels",)),
    "a column to keep that predictions have": Case(
        "predict u.csv -c labels --keep prediction", {"u.csv": X.replace("value", "prediction")}, ("labels",)
    ),
}

PYTHON = {
    "no checkpoint": Case(python="netrain.load('none')"),
    "a list": Case(python="netrain.load('labels').predict([1, 2])", runs=("labels",)),
    "a path": Case(python="netrain.load('labels').predict('u.csv')", runs=("labels",)),
    "columns of different lengths": Case(
        python="netrain.load('labels').predict({'x': [1, 2], 'z': [1]})", runs=("labels",), until="no frame: "
    ),
    "a missing column": Case(python="netrain.load('labels').predict({'x': [1.0], 'z': [1.0]})", runs=("labels",)),
    "text for numbers": Case(
        python="netrain.load('labels').predict({'x': ['a'], 'z': [1.0], 'colour': ['red'], 'city': ['a']})",
        runs=("labels",),
    ),
    "an infinite number": Case(
        python="netrain.load('labels').predict(dict.fromkeys(('z', 'colour', 'city'), [1, 2]) | {'x': [1.0, 1e999]})",
        runs=("labels",),
    ),
}

# What is said of a command that is done.
DONE = {
    "a finished run": Case("resume labels", runs=("labels",)),
    "a run that a rule has ended": Case("resume stopped", runs=("stopped",)),
    "a run stopped before its first checkpoint": Case(
        "resume labels -q", runs=("labels",), before=lambda: LAST.unlink()
    ),
    "no checkpoint of a training but the best": Case(
        "resume labels -q", runs=("labels",), before=lambda: (LAST.write_bytes(BEST.read_bytes()), None)[1]
    ),
    "fewer epochs than done": Case("resume labels --set training.epochs=1", runs=("labels",)),
    "the folder of checkpoints": Case("predict u.csv -c labels/checkpoints", {"u.csv": X}, ("labels",)),
    "one row with one strange cell": Case(
        "predict u.csv -c labels", {"u.csv": "x,z,colour,city\n1,2,blue,city 1\n"}, ("labels",)
    ),
    "strange cells": Case("predict u.csv -c labels -o p.csv", {"u.csv": X.replace("city ", "town ")}, ("labels",)),
}

TEN = "x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(1, 40))
BEFORE = {
    "check: a table with a finding": Case(
        "check t.csv --target y --strict -q", {"t.csv": TEN.replace("x,y", "id,x,y").replace("\n", "\n5,")[:-2]}
    ),
    "check: a column that is none": Case("check t.csv --target z", {"t.csv": TEN}),
    "check: no config": Case("check c.yaml", {}),
    "init: no target": Case("init t.csv", {"t.csv": TEN}),
    "init: a file that is there": Case("init t.csv --target y -o c.yaml -q", {"t.csv": TEN, "c.yaml": "mine"}),
    "init: over its table": Case("init t.csv --target y -o t.csv --force", {"t.csv": TEN}),
    "init: over the schema": Case("init t.csv --target y -o netrain.schema.json", {"t.csv": TEN}),
    "init: a table that needs an option": Case(
        "init t.csv --target y", {"t.csv": TEN.replace("\n3,", "\n,").replace(",a\n", ",\n", 1)}
    ),
    "classes of enough rows": Case("train t.csv --target y --set data.min_class_rows=50", {"t.csv": TEN}),
    "classes where there are none": Case(
        "train t.csv --target x --set data.min_class_rows=2", {"t.csv": TEN.replace("\n1,", "\n1.5,")}
    ),
    "predictions beside a document": Case("predict t.csv -c labels --json", {"t.csv": TEN}, ("labels",)),
    "--json before a command": Case("--json"),
}


def trained(name: str, words: str) -> None:
    """Another run of `t.csv`."""
    assert run(f"train t.csv -q --run-dir {name} -s training.epochs=1 -s model=linear {words}".split()) == 0


def among(*names: str) -> Callable[[], None]:
    """Runs below `runs`, where `best` looks for them."""

    def do() -> None:
        Path("runs").mkdir()
        for name in names:
            os.rename(name, f"runs/{name}")

    return do


def unweighed() -> None:
    """Two runs whose test rows weigh nothing."""
    for name in ("a", "b"):
        trained(name, "--target y -s data.weight=w -s data.split.name=column -s data.split.column=p")


SPLIT_BY_WORD = "x,w,p,y\n" + "".join(
    f"{i},{int(i % 5 != 0)},{['test', 'train', 'train', 'valid', 'train'][i % 5]},{'ab'[i % 3 == 0]}\n"
    for i in range(60)
)
ONCE = "--target y -s data.split.test="
BETWEEN = {
    "runs: no such folder": Case("runs labls", runs=("labels",)),
    "runs: no folder": Case("runs t.csv", {"t.csv": TEN}),
    "runs: no folder like it": Case("runs elsewhere/of/old"),
    "runs: a key that is none": Case("runs . --sort acuracy", runs=("labels",)),
    "runs: no requirement": Case("runs . --where accuracy", runs=("labels",)),
    "runs: a requirement of no metric": Case("runs . --where rmsee>1", runs=("values",)),
    "runs: a target that none has": Case("runs . --target lable", runs=("labels", "values")),
    "latest of none": Case("evaluate latest"),
    "best of none": Case("resume best"),
    "best of runs without test rows": Case("evaluate best", runs=("untested",), before=among("untested")),
    "latest: a run of folds": Case("predict t.csv -c latest", {"t.csv": TEN}, ("folds",), among("folds")),
    "latest in Python": Case(python="netrain.load('latest')"),
    "compare: one run": Case("compare labels", runs=("labels",)),
    "compare: a run twice": Case("compare labels ./labels", runs=("labels",)),
    "compare: what is no run": Case("compare labels none", runs=("labels",)),
    "compare: a run of folds": Case("compare labels folds", runs=("labels", "folds")),
    "compare: other targets": Case("compare labels values", runs=("labels", "values")),
    "compare: other tables": Case(
        "compare labels a", {"t.csv": TEN}, ("labels",), before=lambda: trained("a", "--target y")
    ),
    "compare: another task": Case(
        "compare a b",
        {"t.csv": "x,y\n" + "".join(f"{i},{i % 4}\n" for i in range(60))},
        before=lambda: (trained("a", "--target y"), trained("b", "--target y -s task=regression"), None)[2],
    ),
    "compare: weights": Case(
        "compare a b",
        {"t.csv": ROWS},
        before=lambda: (trained("a", "--target y"), trained("b", "--target y -s data.weight=w"), None)[2],
    ),
    "compare: no row in common": Case(
        "compare a b",
        {"t.csv": TEN},
        before=lambda: (trained("a", f"{ONCE}0.05"), trained("b", f"{ONCE}0.05 -s seed=1"), None)[2],
    ),
    "compare: no test rows": Case("compare labels untested", runs=("labels", "untested")),
    "compare: rows without weight": Case("compare a b", {"t.csv": SPLIT_BY_WORD}, before=unweighed),
    "compare: a page that cannot be written": Case(
        "compare labels untested --split valid --html none/c.html", runs=("labels", "untested")
    ),
}

GROUPS = {
    "between": BETWEEN,
    "before": BEFORE,
    "config": CONFIG,
    "yaml": YAML,
    "arguments": ARGUMENTS,
    "tables": TABLES,
    "targets": TARGETS,
    "splits": SPLITS,
    "columns": COLUMNS,
    "checkpoints": CHECKPOINTS,
    "resume": RESUME,
    "report": REPORT,
    "evaluate": EVALUATE,
    "predict": PREDICT,
    "python": PYTHON,
    "done": DONE,
}

# What no case provokes, and why.
FULL = "the disk is full, or fails; a test of storage"
HUGE = "more bytes than a quick test writes"
GUARD = "a guard behind other checks, should they fail"
CRAFTED = "a checkpoint that was crafted; a test of faults"
SIGNAL = "a signal; a test of faults"
EXCEPTIONS: dict[str, str] = {
    "cli/program.py:unnameable": "a locale without UTF-8; a test of the command line",
    "commands/predict.py:write_out": FULL,
    "storage.py:append_line": FULL,
    "data/content.py:whole": HUGE,
    "data/csv.py:_cuts": HUGE,
    "data/csv.py:_read_head": HUGE,
    "data/jsonl.py:_chunks": HUGE,
    "data/csv.py:_check_open": HUGE,
    "data/cutter.py:_check_widths": HUGE,
    "data/cutter.py:_parsed": GUARD,
    "data/fitted.py:_unlike": CRAFTED,
    "data/scales.py:_in_order": CRAFTED,
    "data/target.py:_belong_together": CRAFTED,
    "data/watch.py:check": "a table that changes while a network trains; a test of faults",
    "runs/facts.py:_fits_together": CRAFTED,
    "runs/facts.py:_holds_together": CRAFTED,
    "runs/bundle.py:_vector": CRAFTED,
    "runs/bundle.py:state": CRAFTED,
    "runs/bundle.py:save_last": GUARD,
    "training/checkpoint.py:pack": HUGE,
    "training/checkpoint.py:read_header": CRAFTED,
    "training/checkpoint.py:read_facts": CRAFTED,
    "training/checkpoint.py:read_entries": CRAFTED,
    "training/checkpoint.py:_no_constant": CRAFTED,
    "training/checkpoint.py:_no_twice": CRAFTED,
    "interrupts.py:_end": SIGNAL,
    "interrupts.py:_note": SIGNAL,
    "storage.py:plain_file": HUGE,
    "storage.py:remove": FULL,
    "storage.py:set_aside": FULL,
    "storage.py:sync_file": FULL,
    "size.py:check_kept": "millions of levels; a test of sizes",
    "cli/program.py:unheld": "memory that does not suffice; a test of faults",
    "data/features.py:check": GUARD,
    "session.py:carry_on": "a metric that is defined before training, and in no epoch of it",
}
