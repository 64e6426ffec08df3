"""A whole run on a table, from file to written predictions, by netrain, scikit-learn and torch.

`python -m tests.bench.adult TABLE`: 20 epochs, hidden [128, 128], batches of 256, then predictions for 10,000 rows.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.bench.timing import Contender, Measure, alternate, child, figures_of, parser, program, tell

CONFIG = """\
data: {{path: {table}, target: {target}, split: {{valid: 0.15, test: 0.15}}}}
model: {{name: mlp, hidden: [128, 128]}}
training:
  epochs: 20
  batch_size: 256
  optimizer: {{name: adam, learning_rate: 1e-3}}
  stop: never
"""

# What both peers do before and after: 70% of the rows to train on, 15% to watch, 15% to judge.
PREPARED = """\
import sys
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

path, target, rows, output = sys.argv[1:]
table = pd.read_csv(path)
labels, y = np.unique(table[target], return_inverse=True)
x = table.drop(columns=target)
numbers = x.select_dtypes("number").columns
others = x.columns.difference(numbers)
order = np.random.default_rng(0).permutation(len(x))
train, valid, test = np.split(order, [int(0.7 * len(x)), int(0.85 * len(x))])
prepared = make_column_transformer(
    (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32), others),
)
x_train = prepared.fit_transform(x.iloc[train]).astype(np.float32)
x_valid, x_test = (prepared.transform(x.iloc[part]).astype(np.float32) for part in (valid, test))

def written(probabilities):
    predicted = pd.DataFrame(probabilities, columns=[f"probability_{label}" for label in labels])
    predicted.insert(0, "prediction", labels[probabilities.argmax(axis=1)])
    predicted.to_csv(output, index=False)
"""

SKLEARN = """
from sklearn.neural_network import MLPClassifier

model = MLPClassifier((128, 128), batch_size=256, max_iter=20, n_iter_no_change=20, alpha=0.0, random_state=0)
import warnings
warnings.simplefilter("ignore")  # 20 epochs are asked for
model.fit(x_train, y[train])
judged = model.predict_proba(x_test)
log_loss(y[test], judged), accuracy_score(y[test], judged.argmax(axis=1))
new = prepared.transform(pd.read_csv(rows)).astype(np.float32)
written(model.predict_proba(new))
"""

TORCH = """
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(x_train.shape[1], 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, len(labels))
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss = nn.CrossEntropyLoss()
inputs, targets = torch.from_numpy(x_train), torch.from_numpy(y[train])
watched, wanted = torch.from_numpy(x_valid), torch.from_numpy(y[valid])

def probabilities(x):
    model.eval()
    with torch.no_grad():
        return model(torch.from_numpy(x)).softmax(dim=1).numpy()

for _ in range(20):
    model.train()
    for batch in torch.randperm(len(inputs)).split(256):
        optimizer.zero_grad()
        loss(model(inputs[batch]), targets[batch]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        loss(model(watched), wanted).item()
judged = probabilities(x_test)
log_loss(y[test], judged), accuracy_score(y[test], judged.argmax(axis=1))
written(probabilities(prepared.transform(pd.read_csv(rows)).astype(np.float32)))
"""


def netrain(folder: Path, threads: int) -> Measure:
    """Two commands: `train`, `predict`."""
    run = tempfile.mkdtemp(dir=folder)
    command = (sys.executable, "-m", "netrain")
    train = (*command, "train", "config.yaml", "--run-dir", run, "--quiet")
    predict = (*command, "predict", "rows.csv", "-c", run, "-o", "netrain.csv", "-q")
    return program(train, predict, folder=folder, threads=threads)


def rows_of(table: Path, target: str, folder: Path) -> None:
    """10,000 rows of the table without the target. In a process of its own, so that this one stays small."""
    code = (
        f"import polars as pl; pl.read_csv({str(table)!r}, infer_schema=False).drop({target!r})"
        f".sample(10_000, seed=0, with_replacement=True).write_csv({str(folder / 'rows.csv')!r})"
    )
    program((sys.executable, "-c", code))


def reading(folder: Path) -> Measure:
    """From the file to arrays, imports left out."""
    code = (
        "from netrain.config import read_config; from netrain.prepare import prepare, read_tables\n"
        "from tests.bench.timing import timed\n"
        f"source = read_config({str(folder / 'config.yaml')!r})\n"
        "timed(lambda: prepare(source, read_tables(source)))"
    )
    return child("-c", code)


def main() -> None:
    """Measure and tell."""
    options = parser(__doc__ or "", rounds=5)
    options.add_argument("table", type=Path)
    options.add_argument("--target", default="income")
    options.add_argument(
        "--threads", type=int, default=0, help="of BLAS, for all; 0: as they like, which is slow on a busy machine"
    )
    chosen = options.parse_args()
    table = chosen.table.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows_of(table, chosen.target, folder)
        (folder / "config.yaml").write_text(CONFIG.format(table=table, target=chosen.target))
        scripts = {"scikit-learn": SKLEARN, "torch": TORCH}
        contenders: dict[str, Contender] = {"netrain": partial(netrain, folder, chosen.threads)}
        for peer, code in scripts.items():
            script = folder / f"with_{peer}.py"
            script.write_text(PREPARED + code)
            command = (sys.executable, script, table, chosen.target, folder / "rows.csv", folder / f"{peer}.csv")
            contenders[peer] = partial(program, command, threads=chosen.threads)
        contenders["netrain, file to arrays"] = partial(reading, folder)
        measured = alternate(contenders, chosen.rounds)
    figures = figures_of(measured)
    for peer in scripts:
        figures[f"{peer} / netrain"] = measured[peer].seconds / measured["netrain"].seconds
    tell(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
