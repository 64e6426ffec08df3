"""Who trains: netrain, scikit-learn, torch, and the matrix products alone. Each knows how to make some steps."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from importlib.util import find_spec

import numpy as np

from netrain.inputs import Rows
from netrain.nn.losses import CrossEntropy
from netrain.nn.optimizers import Adam
from netrain.nn.schedules import Constant
from netrain.training.fit import Plan, State, fit
from netrain.training.recipe import Training
from netrain.training.step import Stepper
from netrain.training.threads import blas_threads, controller
from tests.bench.work import Work, batches, cross_entropy, network, start

MANY = 10**9
PROBE = 2_000  # rows whose loss is compared, which nobody trains on


def plan(work: Work, epochs: int) -> Plan:
    """Adam at a constant rate."""
    training = Training(epochs=epochs, batch_size=work.batch, optimizer=Adam(), schedule=Constant())
    return Plan(training, CrossEntropy(), "loss", 0, dict)


class Netrain:
    """Its training step, on as many threads as the others; `chosen`: on as many as it would take itself."""

    def __init__(self, work: Work, rows: Rows, *, chosen: bool = False) -> None:
        self.work, self.rows, self.network, self.chosen = work, rows, network(work), chosen
        self._stepper = Stepper(self.network, plan(work, 1), rows, State(), total=MANY, batch_size=work.batch)

    def threads(self) -> AbstractContextManager[object]:
        return blas_threads(self.work.heaviest) if self.chosen else nullcontext()

    def steps(self, rows: list[np.ndarray]) -> None:
        step = self._stepper.step
        with np.errstate(over="ignore", invalid="ignore"):  # as around the steps of an epoch
            for some in rows:
                step(some, last=False)

    def epoch(self) -> None:
        for _ in fit(self.network, plan(self.work, 1), self.rows, State()):
            pass

    def loss(self, probe: Rows) -> float:
        return cross_entropy(self.network.predict(probe.inputs), probe.y)


def on_its_threads(contender: object, run: Callable[[], int]) -> Callable[[], int]:
    """A share of a round, on the threads that netrain would take itself where that is asked for."""
    if not isinstance(contender, Netrain) or not contender.chosen:
        return run

    def chosen() -> int:
        with contender.threads():
            return run()

    return chosen


class Chosen(Netrain):
    """Netrain on as many threads as it chooses."""

    def __init__(self, work: Work, rows: Rows) -> None:
        super().__init__(work, rows, chosen=True)


class Products:
    """The `np.matmul` calls of the same step, and nothing else."""

    def __init__(self, work: Work, rows: Rows) -> None:  # noqa: ARG002
        rng = np.random.default_rng(0)
        self.work = work

        def some(*shape: int) -> np.ndarray:
            return rng.standard_normal(shape, np.float32)

        self._calls: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        pairs = list(zip(work.widths, work.widths[1:], strict=False))
        x = [some(work.batch, n) for n in work.widths]
        w = [some(*pair) for pair in pairs]
        dw = [some(*pair) for pair in pairs]
        for i in range(len(pairs)):
            self._calls.append((x[i], w[i], some(work.batch, work.widths[i + 1])))
        for i in reversed(range(len(pairs))):
            self._calls.append((x[i].T, x[i + 1], dw[i]))
            if i:
                self._calls.append((x[i + 1], w[i].T, some(work.batch, work.widths[i])))

    def steps(self, rows: list[np.ndarray]) -> None:
        matmul, calls = np.matmul, self._calls
        for _ in rows:
            for a, b, out in calls:
                matmul(a, b, out=out)

    def epoch(self) -> None:
        self.steps([np.empty(0)] * -(-self.work.epoch // self.work.batch))


class Torch:
    """Eager torch with the fused Adam, batches by indexing."""

    def __init__(self, work: Work, rows: Rows) -> None:
        import torch

        self.torch, self.work = torch, work
        self.x, self.y = torch.from_numpy(rows.inputs.num), torch.from_numpy(rows.y.astype(np.int64))
        layers: list[torch.nn.Module] = []
        for w, b in start(work):
            linear = torch.nn.Linear(*w.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(w.T)))
                linear.bias.copy_(torch.from_numpy(b))
            layers += [linear, torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*layers[:-1])
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
        self.criterion = torch.nn.CrossEntropyLoss()
        self.total = 0.0

    def _step(self, x: object, y: object) -> None:
        self.adam.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.adam.step()
        self.total += loss.item()

    def steps(self, rows: list[np.ndarray]) -> None:
        from_numpy = self.torch.from_numpy
        for some in rows:
            index = from_numpy(some)
            self._step(self.x[index], self.y[index])

    def epoch(self) -> None:
        for index in self.torch.randperm(len(self.x)).split(self.work.batch):
            self._step(self.x[index], self.y[index])

    def loss(self, probe: Rows) -> float:
        with self.torch.no_grad():
            return cross_entropy(self.model(self.torch.from_numpy(probe.inputs.num)).numpy(), probe.y)


class Loader(Torch):
    """The same, with batches from a DataLoader over a TensorDataset, in this process."""

    def __init__(self, work: Work, rows: Rows) -> None:
        super().__init__(work, rows)
        data = self.torch.utils.data
        self.loader = data.DataLoader(data.TensorDataset(self.x, self.y), batch_size=work.batch, shuffle=True)

    def steps(self, rows: list[np.ndarray]) -> None:
        left = len(rows)
        while left:
            for x, y in self.loader:
                self._step(x, y)
                left -= 1
                if not left:
                    return

    def epoch(self) -> None:
        for x, y in self.loader:
            self._step(x, y)


class Sklearn:
    """MLPClassifier. A step is a part of an epoch over the rows of so many batches; Adam goes on between them."""

    def __init__(self, work: Work, rows: Rows) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch at a time is meant
        self.work, self.x, self.y = work, rows.inputs.num, rows.y
        self.model = MLPClassifier(work.widths[1:-1], batch_size=work.batch, alpha=0.0, max_iter=1, warm_start=True)
        few = max(work.batch, 1_000)
        self.model.fit(self.x[:few], self.y[:few])  # makes the weights
        coefs, biases = [w for w, _ in start(work)], [b for _, b in start(work)]
        if work.widths[-1] == 2:  # one output, the log odds
            coefs[-1], biases[-1] = np.diff(coefs[-1]), np.diff(biases[-1])
        self.model.coefs_, self.model.intercepts_ = coefs, biases
        del self.model._optimizer  # which has seen those rows

    def steps(self, rows: list[np.ndarray]) -> None:
        n = len(rows) * self.work.batch
        while n > 0:
            self.model.partial_fit(self.x[:n], self.y[:n])
            n -= len(self.x)

    def epoch(self) -> None:
        self.model.partial_fit(self.x, self.y)

    def loss(self, probe: Rows) -> float:
        with np.errstate(divide="ignore"):
            return cross_entropy(self.model.predict_log_proba(probe.inputs.num), probe.y)


CONTENDERS: dict[str, Callable[[Work, Rows], Netrain | Products | Torch | Sklearn]] = {
    "netrain": Netrain,
    "netrain, threads chosen": Chosen,
    "products": Products,
    "torch": Torch,
    "torch, DataLoader": Loader,
    "scikit-learn": Sklearn,
}
NEEDS = {"torch": "torch", "torch, DataLoader": "torch", "scikit-learn": "sklearn"}


def present() -> list[str]:
    """The contenders that are installed; the others are named on the way."""
    absent = {module for module in NEEDS.values() if find_spec(module) is None}
    for module in sorted(absent):
        print(f"{module} is not installed: left out")
    return [name for name in CONTENDERS if NEEDS.get(name) not in absent]


def threads(count: int) -> AbstractContextManager[object]:
    """So many BLAS threads, and torch's own."""
    stack = ExitStack()
    if find_spec("torch"):
        import torch

        torch.set_num_threads(count)
    stack.enter_context(controller().limit(limits=count))
    return stack


def losses(work: Work, rows: Rows, steps: int = 200) -> dict[str, float]:
    """The loss of the last rows after so many steps on the others, of all that learn, from the same weights."""
    n = len(rows) - PROBE
    train, probe = Rows(rows.inputs[:n], rows.y[:n]), Rows(rows.inputs[n:], rows.y[n:])
    found = {}
    for name in present():
        if name in ("products", "netrain, threads chosen", "torch, DataLoader"):
            continue
        contender = CONTENDERS[name](work, train)
        assert not isinstance(contender, Products)
        contender.steps(batches(n, work.batch, steps, seed=1))
        found[name] = contender.loss(probe)
    return found
