"""Builds the environment of an image: resolved by uv, named by its content, complete or made anew."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.environments import interpreter, plan
from sagehen.executors.environments.built import Built, BuiltEnvironments, InUse
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.pythons import pythons
from sagehen.executors.environments.uv import Uv, UvFailed

Say = Callable[[str], None]
# torch on a cold disk takes most of a minute.
_IMPORTING_S = 300.0
_LONGEST_REASON = 600
# For another build of the same: as long as two commands of uv's may take.
_WAITING_S = 7200.0
_LOOKING_S = 0.5


class BuildFailed(Exception):
    """No environment could be made; the message says why."""


class _DoesNotImport(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One environment, as it was resolved: its id, exact versions, interpreter, and torch's build."""

    id: str
    lock: str
    python: Path
    backend: str | None
    image: FrameworkImage


def build(
    image: FrameworkImage,
    environments: BuiltEnvironments,
    uv: Uv,
    say: Say,
    backends: Sequence[str | None] = (None,),
    tools: tuple[str, ...] = plan.TOOLS,
) -> Built:
    """Make the environment of an image, or find that it is there. Blocks for seconds to minutes.

    Cut off at any moment, the next build of the same begins the folder anew; what was downloaded is in uv's
    cache. Nothing is compiled or run of a package's own setup: only wheels are taken.

    Args:
        image: What it is to hold.
        say: Is told what goes on, a line each.
        backends: Of `uv.torch_backends`.
        tools: Packages for our own use.

    Raises:
        BuildFailed
    """
    python = python_for(image)
    say(f"building an environment for {image.key} with Python {python[1]}")
    last = "nothing to build"
    refused: dict[str, str] = {}
    for attempt in plan.attempts(image, tools):
        try:
            lock, backend = _resolve(attempt, python[0], uv, backends, refused)
        except UvFailed as error:
            last = last if refused else str(error)
            continue
        have = plan.locked(lock)
        notes = plan.differences(image, have, python[1])
        for note in notes:
            say(note)
        environment_id = plan.digest(lock, python[1], platform.machine())
        try:
            built = _made(_Wanted(environment_id, lock, python[0], backend, image), environments, uv, say)
        except UvFailed as error:
            raise BuildFailed(f"what was chosen could not be installed: {_short(str(error))}") from None
        except _DoesNotImport as error:
            # Builds of different makers do not go together though their versions do.
            last = str(error)
            say(f"{last}; another version is tried")
            main = "torch" if "torch" in have else image.distribution
            if main is None or main not in have:
                break
            refused[main] = have[main]
            continue
        environments.name(image.key, built.id, notes)
        return environments.find(image.key) or built
    raise BuildFailed(_short(last))


def python_for(image: FrameworkImage) -> tuple[Path, str]:
    """Return the interpreter to build with, and its version: the image's where there is one, else our own."""
    own = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    ours = own if own.exists() else Path(sys.executable)
    if image.python is not None and image.python != f"3.{sys.version_info.minor}":
        path = os.environ.get("PATH", os.defpath)
        for python in pythons(Path.home(), path, interpreter.OLDEST[1]):
            if f"3.{python.minor}" == image.python:
                return python.executable, python.version
    return ours, platform.python_version()


def _resolve(
    attempt: plan.Attempt,
    python: Path,
    uv: Uv,
    backends: Sequence[str | None],
    refused: Mapping[str, str],
) -> tuple[str, str | None]:
    """Return exact versions of everything, and the build of torch that has them.

    Raises:
        UvFailed: There are none.
    """
    excluded = [f"{name}!={version}" for name, version in refused.items()]
    for position, backend in enumerate(backends):
        try:
            lines: Sequence[str] = attempt.requirements
            if attempt.nearest:
                own = [line for line in lines if plan.name_of(line) in attempt.nearest]
                lowest = _compile([*own, *excluded], python, uv, backend, "--resolution=lowest-direct")
                lines = plan.with_exact(attempt, plan.locked(lowest))
            return _compile([*lines, *excluded], python, uv, backend), backend
        except UvFailed:
            if position == len(backends) - 1:
                raise
    raise UvFailed("no build of torch to ask for")


def _compile(lines: Sequence[str], python: Path, uv: Uv, backend: str | None, *options: str) -> str:
    command = [
        "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--only-binary=:all:",
        "-", f"--python={python}", *options,
        *([] if backend is None else [f"--torch-backend={backend}"]),
    ]  # fmt: skip
    return uv.run(command, given="\n".join(lines) + "\n", quiet=True)


def _made(wanted: _Wanted, environments: BuiltEnvironments, uv: Uv, say: Say) -> Built:
    deadline: float | None = None
    while True:
        try:
            with environments.building(wanted.id) as held:
                return _make(wanted, environments, uv, say, held)
        except InUse:
            if (built := environments.get(wanted.id)) is not None:
                say(f"{wanted.id} is there already")
                return built
        if deadline is None:
            deadline = time.monotonic() + _WAITING_S
            say("another build of the same is at work: waiting for it")
        if time.monotonic() >= deadline:
            raise UvFailed(f"another build of the same was waited for during {_WAITING_S / 3600:.0f} hours")
        uv.pause(_LOOKING_S)


def _make(wanted: _Wanted, environments: BuiltEnvironments, uv: Uv, say: Say, held: int) -> Built:
    if (built := environments.get(wanted.id)) is not None:
        say(f"{wanted.id} is there already")
        return built
    folder = environments.folder / wanted.id
    if folder.exists():
        say("an earlier build was cut off: it is made anew, from what was downloaded")
        shutil.rmtree(folder)
    uv.run(["venv", "--quiet", f"--python={wanted.python}", str(folder)], hold=[held])
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(wanted.lock)
        file.flush()
        uv.run(
            [
                "pip", "install", "--no-deps", "--compile-bytecode", "--only-binary=:all:",
                f"--python={folder / 'bin' / 'python'}", f"--requirements={file.name}",
                *([] if wanted.backend is None else [f"--torch-backend={wanted.backend}"]),
            ],
            hold=[held],
        )  # fmt: skip
    facts = interpreter.ask(folder / "bin" / "python")
    modules = plan.modules_to_try(wanted.image, facts.distributions)
    try:
        _try_imports(folder / "bin" / "python", modules, uv)
    except _DoesNotImport:
        shutil.rmtree(folder)
        raise
    environments.complete(wanted.id, facts, _size(folder), wanted.lock)
    built = environments.get(wanted.id)
    assert built is not None
    say(f"built {wanted.id}: {built.size_bytes / 1e9:.1f} GB")
    return built


def _try_imports(python: Path, modules: Sequence[str], uv: Uv) -> None:
    """Import what the image is for.

    Raises:
        _DoesNotImport: With the error's own words.
        UvFailed: The build was stopped.
    """
    if not modules:
        return
    program = "import sys\nfor name in sys.argv[1:]: __import__(name)"
    environment = {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": "/nonexistent",
    }
    with subprocess.Popen(
        [python, "-I", "-c", program, *modules], env=environment, cwd="/",
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace",
    ) as process, uv.owning(process):  # fmt: skip
        try:
            _, said = process.communicate(timeout=_IMPORTING_S)
        except subprocess.TimeoutExpired:
            raise _DoesNotImport(
                f"importing {', '.join(modules)} takes longer than {_IMPORTING_S:.0f} s"
            ) from None
        finally:
            process.kill()
    uv.pause(0)  # it was stopped: that says nothing of the packages
    if process.returncode != 0:
        words = said.strip().splitlines()
        raise _DoesNotImport(_short(words[-1] if words else f"exit code {process.returncode}"))


def _size(folder: Path) -> int:
    """Return the bytes of all files; links are not followed."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            total += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118 - fifty thousand files
    return total


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]} ..."
