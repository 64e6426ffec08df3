"""Every write, with every operation of it failed, crashed at, and its unsynced data lost."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disks import Counting, Crash, Crashing, Failing, Forgetful, Refusing, Stuttering, put
from small import Program
from tiny import checkpoints, figures

from netrain.errors import LockedError, StorageError
from netrain.runs.bundle import load_bundle
from netrain.storage import LOCK, append_line, locked, new_file, set_aside, sweep, write_file, writing_to

OLD, NEW = b"old" * 1000, b"new" * 2000


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "folder" / "file"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def write_by_stream(path: Path, content: bytes) -> None:
    with new_file(path) as stream:
        for start in range(0, len(content), 100):
            stream.write(content[start : start + 100])


WAYS = {"whole": write_file, "stream": write_by_stream}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_an_operation_that_fails_leaves_the_old_content_and_nothing_else(path: Path, way: str, error: int) -> None:
    for number in range(1, 20):
        disk = Failing(number, error)
        try:
            with writing_to(disk):
                WAYS[way](path, NEW)
        except StorageError as told:
            assert f"{path}: cannot be written: {os.strerror(error)}" in str(told)  # noqa: PT017  # or it succeeds
            late = disk.done[-1] == "sync_folder"  # the new content has its name, and is whole
            assert path.read_bytes() == (NEW if late else OLD)
            assert [p.name for p in path.parent.iterdir()] == ["file"]
            assert disk.done.count("sync") <= 1, "a sync that failed is not tried again"
            path.write_bytes(OLD)
        else:
            assert number > 6
            assert path.read_bytes() == NEW
            return
    pytest.fail("it never succeeded")


@pytest.mark.parametrize("way", WAYS)
def test_a_crash_at_any_operation_leaves_one_content_whole_and_its_leavings_are_swept(path: Path, way: str) -> None:
    for number in range(1, 20):
        try:
            with writing_to(Crashing(number)):
                WAYS[way](path, NEW)
        except Crash:
            assert path.read_bytes() in (OLD, NEW)
            sweep(path.parent)
            assert [p.name for p in path.parent.iterdir()] == ["file"]
            path.write_bytes(OLD)
        else:
            return
    pytest.fail("it never succeeded")


@pytest.mark.parametrize("way", WAYS)
def test_power_that_fails_at_any_operation_leaves_one_content_whole(tmp_path: Path, way: str) -> None:
    disk = Forgetful()
    path = tmp_path / "file"
    with writing_to(disk):
        write_file(path, OLD)
        first = len(disk.moments)
        WAYS[way](path, NEW)
        acknowledged = len(disk.moments)
    for number, (_, pessimistic, renamed) in enumerate(disk.moments, start=1):
        for state in (pessimistic, renamed):
            if number >= first:
                assert state[path] in (OLD, NEW)
            if number >= acknowledged:
                assert state[path] == NEW


def test_few_bytes_at_a_time_are_all_written(path: Path) -> None:
    with writing_to(Stuttering()):
        for write in WAYS.values():
            write(path, NEW)
            assert path.read_bytes() == NEW
        append_line(path, "line")
    assert path.read_bytes() == NEW + b"line\n"


@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EPERM, errno.EXDEV])
def test_where_nothing_can_be_renamed_it_is_told_and_nothing_is_overwritten(path: Path, error: int) -> None:
    with writing_to(Refusing("replace", error)), pytest.raises(StorageError, match="cannot be written"):
        write_file(path, NEW)
    assert path.read_bytes() == OLD


def test_folders_that_cannot_be_synced_are_no_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def sync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    write_file(path, NEW)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000, 0o002])
def test_modes_are_less_the_umask_and_never_for_everybody_to_write(
    netrain: Program, tiny: Path, tmp_path: Path, mask: int
) -> None:
    before = os.umask(mask)
    try:
        assert netrain("train", tiny, "--run-dir", "deep/run", "-q", "-s", "training.epochs=1").code == 0
    finally:
        os.umask(before)
    for found in (tmp_path / "deep", *(tmp_path / "deep").rglob("*")):
        mode = stat.S_IMODE(found.stat().st_mode)
        assert mode == (0o775 if found.is_dir() else 0o664) & ~mask, found
        assert not mode & stat.S_IWOTH


def test_only_what_dead_processes_left_is_swept(tmp_path: Path) -> None:
    kept = [".file.tmp", "file.1.tmp", ".file.x.tmp", f".file.{os.getppid()}.tmp", ".file.1.tmp"]  # 1 is alive
    dead = [".file.999999999.tmp", f".file.{os.getpid()}.tmp", ".a.b.999999999.tmp"]
    for name in (*kept, *dead):
        (tmp_path / name).write_text("")
    (tmp_path / ".folder.999999999.tmp").mkdir()
    (tmp_path / ".link.999999999.tmp").symlink_to(tmp_path / kept[0])
    sweep(tmp_path, age=3600)
    all_of_them = {*kept, *dead, ".folder.999999999.tmp", ".link.999999999.tmp"}  # our parent may be process 1 itself
    assert {path.name for path in tmp_path.iterdir()} == all_of_them, (
        "young ones stay in a folder that is not ours alone"
    )
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*kept, ".folder.999999999.tmp", ".link.999999999.tmp"}


def test_a_link_planted_at_the_temporary_name_is_not_followed(path: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (path.parent / f".file.{os.getpid()}.tmp").symlink_to(victim)
    with pytest.raises(StorageError, match="File exists"):
        write_file(path, NEW)
    assert (victim.read_text(), path.read_bytes()) == ("precious", OLD)


def test_lines_are_not_written_through_links_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "link").symlink_to(victim)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(StorageError):
            append_line(tmp_path / name, "line")
    write_file(tmp_path / "link", NEW)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "link").is_symlink()


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with (
        writing_to(Refusing("write", errno.ENOSPC)),
        pytest.raises(StorageError, match="No space left"),
        locked(tmp_path),
    ):
        pytest.fail("it is not held")
    with locked(tmp_path), pytest.raises(LockedError, match=f"process {os.getpid()} on "), locked(tmp_path):
        pytest.fail("it is held twice")
    (tmp_path / LOCK).unlink()
    (tmp_path / LOCK).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError), locked(tmp_path):
        pytest.fail("it is a link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_set_aside_is_kept(path: Path) -> None:
    aside = set_aside(path)
    assert (aside.name, aside.read_bytes(), path.exists()) == ("file.corrupt", OLD, False)


def operations(netrain: Program, tiny: Path) -> int:
    """How many operations a whole training takes."""
    disk = Failing(-1)
    with writing_to(disk):
        assert netrain("train", tiny, "--run-dir", "whole", "-q").code == 0
    return len(disk.done)


def resumed(netrain: Program, tmp_path: Path, name: str) -> bool:
    """Whether there is a run, which then must end as the unbroken one did."""
    if not (tmp_path / name / "config.yaml").exists():
        return False
    told = netrain("resume", name, "-q")
    assert told.code == 0, told.err
    assert checkpoints(tmp_path / name) == checkpoints(tmp_path / "whole")
    assert figures(tmp_path / name) == figures(tmp_path / "whole")
    return True


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 13])
def test_a_training_of_which_any_operation_fails_exits_5_and_goes_on(
    netrain: Program, tiny: Path, tmp_path: Path, step: int
) -> None:
    lost = []
    for number in range(1, operations(netrain, tiny) + 1, step):
        with writing_to(Failing(number, errno.ENOSPC)):
            told = netrain("train", tiny, "--run-dir", f"r{number}", "-q")
        assert told.code == 5, told.err
        assert "Traceback" not in told.err
        assert "No space left on device" in told.err
        if not resumed(netrain, tmp_path, f"r{number}"):
            lost.append(number)
        shutil.rmtree(tmp_path / f"r{number}", ignore_errors=True)
    assert max(lost, default=0) < 15, "nothing but a run that was not begun"


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 13])
def test_a_training_that_crashes_at_any_operation_goes_on(
    netrain: Program, tiny: Path, tmp_path: Path, step: int
) -> None:
    lost = []
    for number in range(1, operations(netrain, tiny) + 1, step):
        with writing_to(Crashing(number)), pytest.raises(Crash):
            netrain("train", tiny, "--run-dir", f"r{number}", "-q")
        if not resumed(netrain, tmp_path, f"r{number}"):
            lost.append(number)
        shutil.rmtree(tmp_path / f"r{number}", ignore_errors=True)
    assert max(lost, default=0) < 15, "nothing but a run that was not begun"


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 17])
def test_a_training_goes_on_after_the_power_failed_at_any_operation(
    netrain: Program, tiny: Path, tmp_path: Path, step: int
) -> None:
    disk = Forgetful()
    with writing_to(disk):
        assert netrain("train", tiny, "--run-dir", "whole", "-q").code == 0
    saved = 0
    for number, (operation, pessimistic, renamed) in enumerate(disk.moments, start=1):
        if operation.startswith("sync_folder") and operation.endswith("checkpoints"):
            saved = number  # from here on a checkpoint was told to be safe
        if number % step:
            continue
        for kind, state in (("p", pessimistic), ("r", renamed)):
            name = f"{kind}{number}"
            put({p: c for p, c in state.items() if tmp_path / "whole" in (p, *p.parents)}, tmp_path, tmp_path / name)
            there = resumed_within(netrain, tmp_path, name)
            assert there or not saved, f"{kind} after {operation}"
            shutil.rmtree(tmp_path / name)
    assert saved


def resumed_within(netrain: Program, tmp_path: Path, name: str) -> bool:
    """The same for a run that lies in a folder of the state."""
    run = tmp_path / name / "whole"
    if not (run / "config.yaml").exists() or not (run / "config.yaml").read_bytes():
        return False
    return resumed(netrain, tmp_path, f"{name}/whole")


def test_the_newest_checkpoint_is_never_gone_while_another_is_written(
    netrain: Program, tiny: Path, tmp_path: Path
) -> None:
    disk = Forgetful()
    with writing_to(disk):
        assert netrain("train", tiny, "--run-dir", "whole", "-q").code == 0
    last = tmp_path / "whole/checkpoints/last.safetensors"
    epochs, here = [], tmp_path / "one.safetensors"
    for _, pessimistic, renamed in disk.moments:
        for state in (pessimistic, renamed):
            if state.get(last) is not None:
                here.write_bytes(state[last] or b"")
                epochs.append(load_bundle(here).checked.epoch)
            else:
                assert not epochs, "it was there, and is gone"
    assert sorted(set(epochs)) == [1, 2, 3]
    assert not [name for name in disk.done if name == "unlink"]


def test_a_run_that_cannot_be_made_is_told_before_training(netrain: Program, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, code in (("file", 2), ("file/run", 5), ("/proc/run", 5)):
        told = netrain("train", tiny, "--run-dir", folder)
        assert told.code == code, told.err
        assert "epoch" not in told.err.replace("3 epochs", "")
    with writing_to(Refusing("make_folder", errno.EROFS)):
        assert "Read-only file system" in netrain("train", tiny, "--run-dir", "r").err


def test_what_a_run_holds_is_finite(run: Path) -> None:
    bundle = load_bundle(run / "checkpoints/last.safetensors")
    assert all(np.isfinite(tensor).all() for tensor in bundle.tensors.values())


class Unpaged(Counting):
    """There is no room for the page."""

    def at(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "create" and "report.html" in str(arguments[0]):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("more", [(), ("-s", "training.bag=2"), ("-s", "data.split={name: kfold, folds: 2}")])
def test_a_page_that_is_not_there_is_drawn_by_resume_and_by_report(
    netrain: Program, tiny: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    tiny.write_text(tiny.read_text().replace("page: false", "page: true").replace("epochs: 3", "epochs: 1"))
    with writing_to(Unpaged()):
        told = netrain("train", tiny, *more, "--run-dir", "r", "-q")
    assert told.code == 5, told.err
    assert "report.html: cannot be written: No space left on device\n" in told.err
    assert "hint: all else is saved; `netrain report r` draws it" in told.err
    page = tmp_path / "r/report.html"
    assert netrain("report", "r").code == 0
    drawn = page.read_bytes()
    page.unlink()
    told = netrain("resume", "r")
    assert told.code == 0, told.err
    if "kfold" not in str(more):
        assert "report.html was not there: it is drawn from report.json" in told.err
        assert page.read_bytes() == drawn
    assert page.exists()
    page.unlink()
    assert netrain("resume", "r", "-s", "report.page=false", "-q").code == 0
    assert not list((tmp_path / "r").rglob("report.html"))
