"""What a sandbox sees, and the arguments that say so."""

from __future__ import annotations

from pathlib import Path

import pytest

import sagehen
from sagehen.executors.base import Limits, Mount, Network, SandboxSpec
from sagehen.executors.isolation import bubblewrap
from sagehen.executors.isolation.python import PythonEnvironment
from sagehen.executors.isolation.steps import Step
from sagehen.executors.isolation.surroundings import etc_files
from sagehen.executors.isolation.view import view


def _spec(**more: object) -> SandboxSpec:
    return SandboxSpec("job-1", Path("/x"), ("true",), Limits(1, 100), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["relative", "/../../etc", "/opt/ml/../../../x"])
def test_a_target_that_would_leave_the_root_is_refused(tmp_path: Path, target: str) -> None:
    spec = _spec(mounts=(Mount(Path("/d"), target, writable=True),))
    with pytest.raises(ValueError, match="target"):
        view(spec, [], PythonEnvironment("/venv/bin/python", ()), tmp_path)


def test_outer_mounts_come_before_inner_ones_and_parents_are_made(tmp_path: Path) -> None:
    spec = _spec(
        mounts=(Mount(Path("/d"), "/opt/ml/input/data"), Mount(Path("/ml"), "/opt/ml", writable=True))
    )
    steps = view(spec, [], PythonEnvironment("/venv/bin/python", (Path("/venv"),)), tmp_path)
    assert steps[-5:] == [
        Step("ro", "/venv", "/venv"),
        Step("folder", "/opt"),
        Step("rw", "/opt/ml", "/ml"),
        Step("folder", "/opt/ml/input"),
        Step("ro", "/opt/ml/input/data", "/d"),
    ]


def test_folders_below_a_mount_are_the_mounts_own(tmp_path: Path) -> None:
    """pip's certificates lie below /etc/ssl, which is shown read-only: nothing there can be changed."""
    bundle = "/etc/ssl/certs/bundle.crt"
    steps = view(
        _spec(mounts=(Mount(Path(bundle), bundle),)),
        [Step("ro", "/etc/ssl", "/etc/ssl")],
        PythonEnvironment("/somewhere/bin/python", (Path("/home/a/venv"),)),
        tmp_path,
    )
    assert Step("folder", "/etc/ssl/certs") in steps
    assert Step("passage", "/home/a") in steps


def test_hosts_hold_every_member() -> None:
    network = Network("n", {"algo-1": "127.0.0.1", "algo-2": "127.0.0.2"})
    files = etc_files(_spec(network=network, hostname="algo-2"), 60600, 60600)
    assert files["hosts"] == "127.0.0.1\tlocalhost\n127.0.0.1\talgo-1\n127.0.0.2\talgo-2\n"
    assert "job:x:60600:60600" in files["passwd"]


@pytest.mark.parametrize("drop_to", [None, 60600])
def test_arguments(drop_to: int | None) -> None:
    isolation = bubblewrap.Isolation("algo-1", True, drop_to, 5, None)
    steps = [Step("ro", "/usr", "/usr"), Step("tmpfs", "/tmp", size=4096), Step("folder", "/opt")]
    words = bubblewrap.option_list(isolation, steps, "/tmp", {"A": "b"})
    text = " ".join(words)
    assert ("--unshare-user --disable-userns" in text) == (drop_to is None)
    assert "--perms 1777 --size 4096 --tmpfs /tmp" in text
    assert "--clearenv" in words and "--die-with-parent" in words and "--unshare-net" in words
    assert text.endswith("--setenv A b --remount-ro / --chdir /tmp")


def test_a_file_below_what_is_bound_already_needs_no_folders_changed() -> None:
    """A certificate bundle at its own place: /etc/ssl is shown read-only, and cannot be hidden."""
    from sagehen.executors.isolation.view import _parents

    bind = Step("ro", "/etc/ssl/certs/own.crt", "/etc/ssl/certs/own.crt")
    assert _parents(bind, [Step("ro", "/etc/ssl", "/etc/ssl")]) == [Step("folder", "/etc/ssl/certs")]
    assert [step.kind for step in _parents(bind, [])] == ["passage"] * 3


def test_the_folder_that_we_are_imported_from_can_be_listed() -> None:
    """In a clone it is `src`, and stands in sys.path: pip lists it, and ends where it may not."""
    from sagehen.executors.isolation.view import _parents

    package = str(Path(sagehen.__file__).parent)
    kinds = {step.target: step.kind for step in _parents(Step("ro", package, package), [])}
    assert kinds.pop(str(Path(package).parent)) == "folder"
    above = {str(folder) for folder in Path(package).parents[1:]} - {"/"}
    assert {target: kind for target, kind in kinds.items() if target in above} == dict.fromkeys(
        above, "passage"
    )
