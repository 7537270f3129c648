"""JobFolder: the one owner of every filename of a job on the platform's side.

    <root>/source.tar.gz                 the script-mode source, as downloaded
    <root>/channels/all/<channel>/       a replicated channel, downloaded once, mounted read-only
    <root>/channels/<host>/<channel>/    one host's share of a sharded channel
    <root>/artifacts/                    model.tar.gz and output.tar.gz before their upload
    <root>/hosts/<host>/sandbox/         the executor's own records of that sandbox
    <root>/hosts/<host>/packages/        what pip installs for that host
    <root>/hosts/<host>/opt_ml/          what the container sees as /opt/ml

The job owns everything below `opt_ml` and may have put links there, so nothing of it is opened
on the platform's side but through `HostFolder.inside`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# AWS shows this much of /opt/ml/output/failure.
FAILURE_CHARACTERS = 1024


class HostFolder:
    """One instance's private /opt/ml, and the executor's folder beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sandbox = root / "sandbox"
        self.opt_ml = root / "opt_ml"
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

    def write_config(self, name: str, content: Mapping[str, Any]) -> None:
        """Write `input/config/<name>.json`."""
        (self.config / f"{name}.json").write_text(json.dumps(content, indent=1))

    def inside(self, path: Path) -> Path | None:
        """Return `path` if it exists and no link leads it out of this host's /opt/ml, else None."""
        real = path.resolve()
        if real.exists() and real.is_relative_to(self.opt_ml.resolve()):
            return real
        return None

    def failure_text(self) -> str | None:
        """Return the beginning of what the job wrote to /opt/ml/output/failure, or None."""
        path = self.inside(self.failure)
        if path is None or not path.is_file():
            return None
        with path.open("rb") as file:
            # Four bytes at most per character of UTF-8.
            text = file.read(4 * FAILURE_CHARACTERS).decode("utf-8", "replace").strip()
        return text[:FAILURE_CHARACTERS] or None


class JobFolder:
    """The folder of one job.

    Args:
        root: Made by `create`, gone after `remove`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.source_archive = root / "source.tar.gz"
        self.artifacts = root / "artifacts"
        self.model_archive = self.artifacts / "model.tar.gz"
        self.output_archive = self.artifacts / "output.tar.gz"

    def create(self, hosts: tuple[str, ...]) -> None:
        """Make the folder anew: what an earlier attempt left is thrown away."""
        self.remove()
        self.artifacts.mkdir(parents=True)
        for name in hosts:
            self.host(name).create()

    def host(self, name: str) -> HostFolder:
        return HostFolder(self.root / "hosts" / name)

    def channel(self, channel: str, host: str | None = None) -> Path:
        """Return where a channel is downloaded to: shared by all hosts unless one is named."""
        return self.root / "channels" / (host or "all") / channel

    def remove(self) -> None:
        """Delete everything, including what the job made unreadable."""

        def insist(function: Any, path: str, _: Any) -> None:
            os.chmod(Path(path).parent, 0o700)  # noqa: PTH101 - lchmod semantics are not wanted
            function(path)

        if self.root.exists():
            shutil.rmtree(self.root, onerror=insist)
