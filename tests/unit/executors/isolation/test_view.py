"""What a sandbox sees, and the arguments that say so."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

import sagehen
from sagehen.executors.base import Limits, Mount, Network, SandboxSpec
from sagehen.executors.isolation import bubblewrap
from sagehen.executors.isolation.python import PythonEnvironment
from sagehen.executors.isolation.steps import Step
from sagehen.executors.isolation.surroundings import etc_files
from sagehen.executors.isolation.view import Places, view


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


def test_the_platforms_data_is_not_seen_though_it_lies_in_the_environment(tmp_path: Path) -> None:
    """`python -m venv .` makes a project's folder the environment, in which `.sagehen` lies."""
    project, data = tmp_path / "project", tmp_path / "project" / ".sagehen"
    built = data / "environments" / "built" / "x"
    built.mkdir(parents=True)
    (tmp_path / "link").symlink_to(project)
    etc = tmp_path / "etc"
    etc.mkdir()
    python = PythonEnvironment(str(built / "bin/python"), (tmp_path / "link", built))
    steps = view(_spec(), [], python, etc, hides=data)
    cover = next(step for step in steps if step.target == str(tmp_path / "link" / ".sagehen"))
    assert cover.kind == "tmpfs"
    # What was built in it is shown again, at its place.
    assert steps[-1] == Step("ro", str(built), str(built))
    assert not [step for step in view(_spec(), [], python, etc) if step.target == cover.target]


def test_of_a_python_that_is_no_virtual_environment_a_part_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = Path(sysconfig.get_path("purelib"))
    monkeypatch.setattr("sys.prefix", str(tmp_path))  # without a pyvenv.cfg
    monkeypatch.setattr("site.getsitepackages", lambda: [str(packages), "/nowhere"])
    own = Path(sagehen.__file__).parent  # a clone's: no function sees it
    steps = PythonEnvironment(sys.executable, (tmp_path, own)).steps(("boto3", "nonesuch"))
    assert [(step.kind, step.target) for step in steps] == [
        ("ro", str(tmp_path)),
        ("tmpfs", str(packages)),
        ("ro", str(packages / "boto3")),
    ]


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
    bind = Step("ro", "/etc/ssl/certs/own.crt", "/etc/ssl/certs/own.crt")
    places = Places([Step("ro", "/etc/ssl", "/etc/ssl")])
    assert places.parents(bind) == [Step("folder", "/etc/ssl/certs")]
    assert [step.kind for step in Places([]).parents(bind)] == ["passage"] * 3


def test_a_folder_is_made_once_and_again_where_a_mount_has_covered_it() -> None:
    places = Places([])
    first, second = Step("ro", "/a/b/c", "/x"), Step("ro", "/a/b/d", "/x")
    assert [step.target for step in places.parents(first)] == ["/a", "/a/b"]
    assert places.parents(second) == []
    places.add(Step("tmpfs", "/a"))
    assert places.parents(second) == [Step("folder", "/a/b")]


def test_the_folder_that_we_are_imported_from_can_be_listed() -> None:
    """In a clone it is `src`, and stands in sys.path: pip lists it, and ends where it may not."""
    package = str(Path(sagehen.__file__).parent)
    kinds = {step.target: step.kind for step in Places([]).parents(Step("ro", package, package))}
    assert kinds.pop(str(Path(package).parent)) == "folder"
    above = {str(folder) for folder in Path(package).parents[1:]} - {"/"}
    assert {target: kind for target, kind in kinds.items() if target in above} == dict.fromkeys(
        above, "passage"
    )
