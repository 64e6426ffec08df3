"""Processes that run `netrain`, forked from one that has imported it: a trial costs its work alone.

A barrier lets a process wait at a place: it makes the file `at`, and goes on when there is a file `go`.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

BARRIERS = {
    "read": ("netrain.data.cutter", "Cutter", "started"),
    "step": ("netrain.training.step", "Stepper", "step"),
    "validate": ("netrain.experiment", "Experiment", "figures"),
    "report": ("netrain.runs.run", "Run", "write_report"),
    "save": ("netrain.disk", "Disk", "replace"),
}


class Child:
    """A process on its way."""

    def __init__(self, pid: int, folder: Path, name: str, zygote: "Zygote") -> None:
        self.pid, self._folder, self._name, self._zygote = pid, folder, name, zygote
        self.started = time.monotonic()

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60.0) -> int:
        """Its exit code; negative for the signal that ended it."""
        path = self._folder / f"{self._name}.code"
        deadline = time.monotonic() + seconds
        while not path.exists():
            assert time.monotonic() < deadline, f"it hangs: {self.err}"
            time.sleep(0.002)
        return int(path.read_text().split()[0])

    @property
    def peak(self) -> int:
        """The most memory that it had, in MB, once it has ended."""
        return int((self._folder / f"{self._name}.code").read_text().split()[1]) >> 10

    @property
    def alive(self) -> bool:
        return not (self._folder / f"{self._name}.code").exists()

    @property
    def err(self) -> str:
        return (self._folder / f"{self._name}.err").read_text(errors="replace")


class Zygote:
    """Forks a child for each trial."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-X", "utf8", __file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._count = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def start(self, folder: Path, arguments: Sequence[object], *, barrier: str = "", limits: Any = ()) -> Child:
        """`netrain ARGUMENTS` in a folder; `limits` are pairs of a resource and its bound."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._count += 1
        name = f".child-{self._count}"
        order = {"folder": str(folder), "arguments": [str(a) for a in arguments], "name": name, "barrier": barrier}
        print(json.dumps(order | {"limits": list(limits)}), file=self._process.stdin, flush=True)
        return Child(int(self._process.stdout.readline()), folder, name, self)


def serve() -> None:
    """Fork for each line; a second process waits for the child and writes how it ended."""
    import netrain.commands.resume
    import netrain.commands.train  # noqa: F401
    from netrain.environment import environment

    environment()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which `nohup` would have its children ignore
    for line in sys.stdin:
        order = json.loads(line)
        read, write = os.pipe()
        if os.fork() == 0:
            child = os.fork()
            if child == 0:
                os.close(read)
                become(order)
            os.write(write, str(child).encode())
            os.close(write)
            _, status, used = os.wait4(child, 0)
            path = Path(order["folder"]) / f"{order['name']}.code"
            path.with_suffix(".tmp-code").write_text(f"{os.waitstatus_to_exitcode(status)} {used.ru_maxrss}")
            path.with_suffix(".tmp-code").rename(path)
            os._exit(0)
        os.close(write)
        pid = os.read(read, 20)
        os.close(read)
        print(int(pid), flush=True)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def become(order: dict[str, Any]) -> None:
    """Run the program, and end."""
    from netrain.cli import main

    code = 1
    try:
        os.chdir(order["folder"])
        err = os.open(f"{order['name']}.err", os.O_WRONLY | os.O_CREAT, 0o644)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        os.dup2(err, 2)
        for what, bound in order["limits"]:
            resource.setrlimit(what, (bound, bound))
        if order["barrier"]:
            hold(*order["barrier"].split(":"))
        sys.argv = ["netrain", *order["arguments"]]
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def hold(name: str, times: str = "1") -> None:
    """Make a function wait at its call of a number."""
    from importlib import import_module

    module, owner, attribute = BARRIERS[name]
    of = getattr(import_module(module), owner)
    whole, calls = getattr(of, attribute), [0]

    def waiting(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == int(times):
            Path("at").touch()
            while not Path("go").exists():
                time.sleep(0.005)
        return whole(*arguments, **named)

    setattr(of, attribute, waiting)


def reached(folder: Path, child: Child) -> None:
    """Wait until a child stands at its barrier."""
    deadline = time.monotonic() + 60
    while not (folder / "at").exists():
        assert time.monotonic() < deadline, child.err
        assert child.alive, child.err
        time.sleep(0.005)


def signalled(zygote: Zygote, folder: Path, config: Path, place: str, number: int) -> Child:
    """A training into `broken` that got a signal at a barrier, and ended as it should."""
    child = zygote.start(folder, ("train", config, "--run-dir", "broken"), barrier=place)
    reached(folder, child)
    child.kill(number)
    time.sleep(0.02)
    (folder / "go").touch()
    assert child.wait() == 128 + number, child.err
    assert "Traceback" not in child.err
    return child


if __name__ == "__main__":
    serve()
