"""Contenders over a table: what each is, and how it is fitted and asked. All at their own defaults, one thread each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tests.bench.clock import Cost, clocked


@dataclass(frozen=True)
class Problem:
    """A table in two parts. `cells`: the text as it stands in the file; `x`: the same as numbers and text."""

    target: str
    classes: tuple[str, ...] | None
    cells: tuple[pd.DataFrame, pd.DataFrame]
    x: tuple[pd.DataFrame, pd.DataFrame]
    y: tuple[np.ndarray, np.ndarray]
    seed: int

    @property
    def text(self) -> list[str]:
        """The columns that are not numbers."""
        return [name for name in self.x[0].columns if not pd.api.types.is_numeric_dtype(self.x[0][name])]


@dataclass(frozen=True)
class Answer:
    """Predictions for the second part: values [n] or class probabilities [n, k]; their cost; what else is known."""

    prediction: np.ndarray
    fit: Cost
    predict: Cost
    known: dict[str, Any] = field(default_factory=dict)


def asked(model: Any, problem: Problem, train: pd.DataFrame, test: pd.DataFrame, **more: Any) -> Answer:
    """A model of scikit-learn's shape, fitted and asked."""
    _, fit = clocked(lambda: model.fit(train, problem.y[0], **more))
    prediction, cost = clocked(lambda: model.predict_proba(test) if problem.classes else model.predict(test))
    return Answer(np.asarray(prediction, dtype=np.float64), fit, cost)


def categorical(problem: Problem) -> list[pd.DataFrame]:
    """Both parts with text as pandas categories, the levels those of the first."""
    parts = [part.copy() for part in problem.x]
    for name in problem.text:
        levels = pd.CategoricalDtype(sorted(parts[0][name].dropna().unique()))
        for part in parts:
            part[name] = part[name].where(part[name].isin(levels.categories)).astype(object).astype(levels)
    return parts


def sklearn_mlp(problem: Problem) -> Answer:
    """scikit-learn's MLP after imputing, scaling, one-hot; early stopping; a target of values is standardised."""
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [name for name in problem.x[0].columns if name not in problem.text]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), problem.text),
        ]
    )
    options = {"early_stopping": True, "random_state": problem.seed}
    if problem.classes:
        model = make_pipeline(columns, MLPClassifier(**options))
    else:
        model = make_pipeline(
            columns, TransformedTargetRegressor(MLPRegressor(**options), transformer=StandardScaler())
        )
    return asked(model, problem, *problem.x)


def lightgbm(problem: Problem) -> Answer:
    """LightGBM, 100 trees, categories native."""
    import lightgbm

    kind = lightgbm.LGBMClassifier if problem.classes else lightgbm.LGBMRegressor
    return asked(kind(n_jobs=1, random_state=problem.seed, verbose=-1), problem, *categorical(problem))


def xgboost(problem: Problem) -> Answer:
    """XGBoost, 100 trees, categories native."""
    import xgboost

    kind = xgboost.XGBClassifier if problem.classes else xgboost.XGBRegressor
    model = kind(n_jobs=1, random_state=problem.seed, enable_categorical=True)
    return asked(model, problem, *categorical(problem))


def catboost(problem: Problem) -> Answer:
    """CatBoost, 1,000 trees, categories native; a missing category is one of its own."""
    import catboost

    kind = catboost.CatBoostClassifier if problem.classes else catboost.CatBoostRegressor
    model = kind(thread_count=1, random_seed=problem.seed, verbose=False, allow_writing_files=False)
    parts = [part.assign(**{name: part[name].fillna("") for name in problem.text}) for part in problem.x]
    return asked(model, problem, *parts, cat_features=problem.text)


def realmlp(problem: Problem) -> Answer:
    """pytabkit's RealMLP-TD: 256 epochs, a fifth for validation. Missing numbers become the mean: it takes none."""
    import torch
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    torch.set_num_threads(1)
    kind = RealMLP_TD_Classifier if problem.classes else RealMLP_TD_Regressor
    model = kind(device="cpu", n_threads=1, random_state=problem.seed, verbosity=0)
    train, test = categorical(problem)
    means = train.mean(numeric_only=True)
    return asked(model, problem, train.fillna(means), test.fillna(means))


@dataclass(frozen=True)
class Netrain:
    """netrain by its command line: one file in, a run, predictions out. A fifth is for validation, as elsewhere."""

    preset: str
    settings: tuple[str, ...] = ()

    def __call__(self, problem: Problem) -> Answer:
        with TemporaryDirectory() as folder:
            train, test, run = (Path(folder) / name for name in ("train.csv", "test.csv", "run"))
            for path, cells in zip((train, test), problem.cells, strict=True):
                cells.to_csv(path, index=False)
            split = ("data.split.valid=0.2", "data.split.test=0", f"seed={problem.seed}")
            sets = [part for setting in (*split, *self.settings) for part in ("--set", setting)]
            command = ["train", train, "--target", problem.target, "--preset", self.preset, "--run-dir", run, "-q"]
            _, fit = clocked(lambda: netrain(*command, *sets))
            answers = Path(folder) / "answers.csv"
            _, cost = clocked(lambda: netrain("predict", test, "--checkpoint", run, "--output", answers, "-q"))
            said = pd.read_csv(answers)
            columns = [f"probability_{name}" for name in problem.classes] if problem.classes else ["prediction"]
            prediction = said[columns].to_numpy(np.float64)
            return Answer(prediction if problem.classes else prediction[:, 0], fit, cost, known(run))


def netrain(*words: Any) -> None:
    """One command of netrain, in its own process."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "netrain", *map(str, words)], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"netrain {words[0]} exited with {done.returncode}: {done.stderr[-800:]}")


def known(run: Path) -> dict[str, Any]:
    """What a run says of itself."""
    report = json.loads((run / "report.json").read_text())
    config = yaml.safe_load((run / "config.yaml").read_text())
    return {
        "valid": report.get("metrics", {}).get("valid"),
        "epochs": report.get("epochs"),
        "best_epoch": report.get("best_epoch"),
        "parameters": report.get("parameters"),
        "preset": config.get("preset"),
    }


PEERS: dict[str, tuple[str, Callable[[Problem], Answer]]] = {
    "sklearn_mlp": ("sklearn", sklearn_mlp),
    "lightgbm": ("lightgbm", lightgbm),
    "xgboost": ("xgboost", xgboost),
    "catboost": ("catboost", catboost),
    "realmlp": ("pytabkit", realmlp),
}


def contender(name: str, settings: tuple[str, ...]) -> Callable[[Problem], Answer] | None:
    """A contender by name, `netrain:PRESET` for ours; None where its package is not installed."""
    if name.startswith("netrain:"):
        return Netrain(name.partition(":")[2], settings)
    package, model = PEERS[name]
    return model if find_spec(package) else None
