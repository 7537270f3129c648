"""JobFolder: the one owner of every filename of a job on the platform's side.

    <root>/source.tar.gz                 the script-mode source, as downloaded
    <root>/channels/all/<channel>/       a replicated channel, downloaded once, mounted read-only
    <root>/channels/<host>/<channel>/    one host's share of a sharded channel
    <root>/manifests/                    manifests of channels
    <root>/listings/                     lists of channels' objects
    <root>/pipes/                        where named pipes are made
    <root>/artifacts/                    model.tar.gz and output.tar.gz before their upload
    <root>/hosts/<host>/sandbox/         the executor's own records of that sandbox
    <root>/hosts/<host>/packages/        what pip installs for that host
    <root>/hosts/<host>/opt_ml/          what the container sees as /opt/ml

The job owns everything below `opt_ml` and may have put links there, so nothing of it is opened
on the platform's side but through `HostFolder.inside`.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sagehen.executors.folders.removal import remove_tree

# AWS shows this much of /opt/ml/output/failure.
FAILURE_CHARACTERS = 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# A descriptor and a frame per level: what lies deeper is not looked at.
_MAX_DEPTH = 100


class HostFolder:
    """One instance's private /opt/ml, and the executor's folder beside it.

    Args:
        root: Named like the instance.
        opt_ml: Where it lies on another machine than the platform's; None: in `root`.
    """

    def __init__(self, root: Path, opt_ml: Path | None = None) -> None:
        self.root = root
        self.sandbox = root / "sandbox"
        self.opt_ml = opt_ml or root / "opt_ml"
        self.config = self.opt_ml / "input" / "config"
        self.data = self.opt_ml / "input" / "data"
        self.model = self.opt_ml / "model"
        self.output = self.opt_ml / "output"
        self.output_data = self.output / "data"
        self.failure = self.output / "failure"
        self.checkpoints = self.opt_ml / "checkpoints"
        self.code = self.opt_ml / "code"
        self.packages = root / "packages"

    def create(self) -> None:
        """Make every folder of the container contract, open to whatever user the sandbox maps to."""
        for folder in (self.sandbox, self.config, self.data, self.model, self.output_data):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.checkpoints, self.code, self.packages):
            folder.mkdir(exist_ok=True)

    def create_empty(self) -> None:
        """Make the folders of an instance that finds nothing in /opt/ml but what is put there."""
        for folder in (self.sandbox, self.opt_ml, self.packages):
            folder.mkdir(parents=True, exist_ok=True)

    def write_config(self, name: str, content: Mapping[str, Any]) -> None:
        """Write `input/config/<name>.json`."""
        (self.config / f"{name}.json").write_text(json.dumps(content, indent=1))

    def inside(self, path: Path) -> Path | None:
        """Return `path` if it exists and no link leads it out of this host's /opt/ml, else None."""
        real = path.resolve()
        if real.exists() and real.is_relative_to(self.opt_ml.resolve()):
            return real
        return None

    def open_file(self, path: Path) -> int | None:
        """Open a regular file below /opt/ml to read it, following no link; None where there is none.

        For as long as the job runs, it can replace any folder or file by a link between two looks: only
        what is open already is what was looked at.
        """
        *folders, name = path.relative_to(self.opt_ml).parts
        folder = os.open(self.opt_ml, _FOLDER)
        try:
            for step in folders:
                inner = os.open(step, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            # A FIFO must not keep us waiting for its writer.
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError:
            return None
        finally:
            os.close(folder)
        if stat.S_ISREG(os.fstat(file).st_mode):
            return file
        os.close(file)
        return None

    def files_below(self, folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield the regular files below a folder in /opt/ml, as of now. No link is followed."""
        with contextlib.ExitStack() as stack:
            top = stack.enter_context(_opened(self.opt_ml, None))
            for step in folder.relative_to(self.opt_ml).parts:  # which the job may have made links as well
                top = stack.enter_context(_opened(step, top)) if top is not None else None
            if top is not None:
                yield from _files(top, folder, _MAX_DEPTH)

    def failure_text(self) -> str | None:
        """Return the beginning of what the job wrote to /opt/ml/output/failure, or None."""
        path = self.inside(self.failure)
        if path is None or not path.is_file():
            return None
        with path.open("rb") as file:
            # Four bytes at most per character of UTF-8.
            text = file.read(4 * FAILURE_CHARACTERS).decode("utf-8", "replace").strip()
        return text[:FAILURE_CHARACTERS] or None


@contextlib.contextmanager
def _opened(folder: Path | str, inside: int | None) -> Iterator[int | None]:
    """Hold a folder open, if it is one: a link to a folder is none."""
    try:
        descriptor = os.open(folder, _FOLDER, dir_fd=inside)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _files(folder: int, path: Path, depth: int) -> Iterator[tuple[Path, os.stat_result]]:
    with os.scandir(folder) as entries:  # not all names at once: there may be any number
        for name in (entry.name for entry in entries):
            try:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except OSError:  # the job has just deleted it
                continue
            if stat.S_ISREG(found.st_mode):
                yield path / name, found
            elif stat.S_ISDIR(found.st_mode) and depth:
                with _opened(name, folder) as inner:
                    if inner is not None:
                        yield from _files(inner, path / name, depth - 1)


class JobFolder:
    """The folder of one job.

    Args:
        root: Made by `create`, gone after `remove`.
        elsewhere: By host, where its /opt/ml lies if that is not in `root`.
    """

    def __init__(self, root: Path, elsewhere: Mapping[str, Path] | None = None) -> None:
        self.root = root
        self._elsewhere = elsewhere or {}
        self.source_archive = root / "source.tar.gz"
        self.artifacts = root / "artifacts"
        self.pipes = root / "pipes"
        self.model_archive = self.artifacts / "model.tar.gz"
        self.output_archive = self.artifacts / "output.tar.gz"

    def create(self, hosts: tuple[str, ...]) -> None:
        """Make the folder anew: what an earlier attempt left is thrown away."""
        self.remove()
        self.artifacts.mkdir(parents=True)
        for name in hosts:
            self.host(name).create()

    def create_empty(self, hosts: tuple[str, ...]) -> None:
        """Make the folder anew, with nothing in the hosts' /opt/ml."""
        self.remove()
        for name in hosts:
            self.host(name).create_empty()

    def host(self, name: str) -> HostFolder:
        """Return the part of one instance, made or not."""
        return HostFolder(self.root / "hosts" / name, self._elsewhere.get(name))

    def channel(self, channel: str, host: str | None = None) -> Path:
        """Return where a channel is downloaded to: shared by all hosts unless one is named."""
        return self.root / "channels" / (host or "all") / channel

    def manifest(self, name: str) -> Path:
        """Return where a channel's manifest lies."""
        return self.root / "manifests" / name

    def listing(self, name: str) -> Path:
        """Return where the list of a channel's objects lies."""
        return self.root / "listings" / name

    def remove(self) -> None:
        """Delete everything, including what the job made unreadable."""
        remove_tree(self.root)
