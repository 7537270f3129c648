"""Built environments: one folder each, named by what is in it, shared by all jobs.

<folder>/<id>/                   the virtual environment, at the place that its scripts name
<folder>/<id>/environment.json   what it is; written last: a folder without it is half made, and made anew
<folder>/<id>.lock               held by who builds it, and by a platform that has used it
<folder>/images/<name>.json      which of them stands for an image, written when it is complete
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.executors.environments.interpreter import InterpreterFacts
from sagehen.executors.environments.mapped import replace_file

_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_DESCRIPTION = "environment.json"
_MOST_READ = 4 << 20


class InUse(Exception):
    """A platform that runs has used the environment, or it is being built."""


@dataclass(frozen=True, slots=True)
class Built:
    """One built environment.

    Args:
        id: Sixteen hexadecimal digits of the digest of what is in it.
        folder: The virtual environment.
        images: Keys of the images that it stands for (`FrameworkImage.key`).
        facts: What its interpreter told.
        notes: What is other than the image promises.
        size_bytes: On disk when it was made, files that it shares with a cache included.
    """

    id: str
    folder: Path
    images: tuple[str, ...]
    facts: InterpreterFacts
    notes: tuple[str, ...]
    size_bytes: int


class BuiltEnvironments:
    """The built environments of one data folder.

    Args:
        folder: Their own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._images = folder / "images"
        self._held: dict[str, int] = {}

    def all(self) -> list[Built]:
        """Return the complete ones. Reads their descriptions."""
        stands_for: dict[str, list[str]] = {}
        for file in sorted(self._images.glob("*.json")):
            if (entry := _json(file)) and isinstance(entry.get("key"), str):
                stands_for.setdefault(str(entry.get("id")), []).append(entry["key"])
        found = (
            self._read(path.parent, stands_for) for path in sorted(self.folder.glob(f"*/{_DESCRIPTION}"))
        )
        return [built for built in found if built is not None]

    def find(self, key: str) -> Built | None:
        """Return the one that stands for an image, or None. Two small files are read."""
        entry = _json(self._file_of(key))
        if not entry or entry.get("key") != key or not _ID.fullmatch(str(entry.get("id"))):
            return None
        return self._read(self.folder / entry["id"], {entry["id"]: [key]})

    def get(self, environment_id: str) -> Built | None:
        """Return a complete one by its id."""
        return self._read(self.folder / environment_id, {}) if _ID.fullmatch(environment_id) else None

    def complete(self, environment_id: str, facts: InterpreterFacts, size_bytes: int, lock: str) -> None:
        """Write what an environment is: from now on it can be found.

        Args:
            lock: The exact versions that were installed.
        """
        content = {"facts": facts.as_json(), "size_bytes": size_bytes, "lock": lock}
        replace_file(self.folder / environment_id / _DESCRIPTION, json.dumps(content, indent=1))

    def name(self, key: str, environment_id: str, notes: tuple[str, ...]) -> None:
        """Let an environment stand for an image."""
        self._images.mkdir(parents=True, exist_ok=True)
        content = {"key": key, "id": environment_id, "notes": list(notes)}
        replace_file(self._file_of(key), json.dumps(content))

    def remove(self, environment_id: str) -> bool:
        """Delete an environment, or what is left of one; return whether there was any.

        Raises:
            InUse
        """
        if not _ID.fullmatch(environment_id):
            return False
        folder = self.folder / environment_id
        if not folder.is_dir():
            return False
        with self.building(environment_id):
            for file in self._images.glob("*.json"):
                if (entry := _json(file)) and entry.get("id") == environment_id:
                    file.unlink(missing_ok=True)
            # First what makes it whole: cut off after this, the rest is a half-made one.
            (folder / _DESCRIPTION).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
        return True

    def half_made(self) -> list[str]:
        """Return the ids of folders that no build has completed."""
        folders = [path for path in self.folder.glob("*") if _ID.fullmatch(path.name) and path.is_dir()]
        return sorted(path.name for path in folders if not (path / _DESCRIPTION).is_file())

    def is_held(self, environment_id: str) -> bool:
        """Tell whether somebody builds it, or a platform that runs has used it."""
        try:
            with self.building(environment_id):
                return False
        except InUse:
            return True

    @contextlib.contextmanager
    def building(self, environment_id: str) -> Iterator[int]:
        """Hold an environment against everybody else; yields the lock's descriptor.

        A process that inherits the descriptor holds it too: what a killed builder left running keeps others
        out until it has ended.

        Raises:
            InUse: Somebody holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{environment_id}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(environment_id) from None
            yield lock
        finally:
            os.close(lock)

    def hold(self, environment_id: str) -> None:
        """Keep it from being removed for as long as this process lives; again costs nothing."""
        if environment_id in self._held:
            return
        path = self.folder / f"{environment_id}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:  # it is just being removed or made anew; the next one that asks will see
            os.close(lock)
            return
        self._held[environment_id] = lock

    def _file_of(self, key: str) -> Path:
        return self._images / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _read(self, folder: Path, stands_for: dict[str, list[str]]) -> Built | None:
        content = _json(folder / _DESCRIPTION)
        if not content or not _ID.fullmatch(folder.name):
            return None
        keys = stands_for.get(folder.name, [])
        notes: dict[str, None] = {}
        for key in keys:
            notes |= dict.fromkeys(map(str, (_json(self._file_of(key)) or {}).get("notes", ())))
        try:
            facts = InterpreterFacts.from_json(content["facts"])
            return Built(folder.name, folder, tuple(keys), facts, tuple(notes), int(content["size_bytes"]))
        except (KeyError, TypeError, ValueError):
            return None


def _json(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MOST_READ))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
