"""A source that comes in channels: SDK v3's, and scripts that ContainerEntrypoint starts from one.

SDK v3 sends the source as channel `code`, and what runs it as channel `sm_drivers`, with `sourcecode.json`
(seen: sagemaker-train 1.27, model_trainer.py). Requirements are installed where that names a file of them.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.sagemaker.images.imports import Script
from sagehen.services.sagemaker.transfers.channels.channel import Channel

_CODE, _DRIVERS = "code", "sm_drivers"
_DATA = "/opt/ml/input/data"
_STARTS_DRIVERS = f"{_DATA}/{_DRIVERS}/sm_train.sh"
_PYTHONS = ("python", "python3")
_LONGEST_PATH, _LONGEST_COMMAND = 1024, 4096
_MOST_BYTES = 1 << 16
_REMEDY = "Name it in a file of requirements, and that in SourceCode(requirements=...)"


def channels_of(request: Mapping[str, Any], channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return the channels that hold a job's source and what runs it; none where it has none there."""
    words = _words(request)
    names: set[str] = set()
    if any(_STARTS_DRIVERS in word for word in words):
        names = {_CODE, _DRIVERS}
    elif (started := _started(words)) is not None:
        names = {started[0]}
    return tuple(channel for channel in channels if channel.name in names and not channel.is_pipe)


def script(request: Mapping[str, Any], folder_of: Callable[[str], Path]) -> Script | None:
    """Return what is started of them, once they are there; None where nobody can tell. Blocking.

    Args:
        folder_of: Where a channel was downloaded to.
    """
    words = _words(request)
    if not any(_STARTS_DRIVERS in word for word in words):
        started = _started(words)
        return None if started is None else Script(folder_of(started[0]), started[1], requirements=None)
    told = _told(folder_of(_DRIVERS) / "sourcecode.json")
    entry = _text(told.get("entry_script"))
    if command := told.get("command"):  # it goes before an entry script
        entry = _script_of(command) if isinstance(command, str) else None
    if entry is None:
        return None
    requirements = _text(told.get("requirements"))
    if requirements == "auto":
        requirements = "requirements.txt"
    return Script(folder_of(_CODE), entry, requirements, _REMEDY)


def _words(request: Mapping[str, Any]) -> tuple[str, ...]:
    algorithm = request["AlgorithmSpecification"]
    return (*algorithm.get("ContainerEntrypoint", ()), *algorithm.get("ContainerArguments", ()))


def _started(words: Sequence[str]) -> tuple[str, str] | None:
    """Return (channel, script in it) of `python /opt/ml/input/data/CHANNEL/SCRIPT ...`."""
    if len(words) < 2 or words[0] not in _PYTHONS:
        return None
    path = _text(next((word for word in words[1:] if word != "-u"), None))
    if path is None or not path.endswith(".py") or not path.startswith(f"{_DATA}/"):
        return None
    channel, *inside = PurePosixPath(path).relative_to(_DATA).parts
    return (channel, "/".join(inside)) if inside and ".." not in inside else None


def _script_of(command: str) -> str | None:
    """Return the script that a command begins with: `python train.py --epochs 3`."""
    try:
        words = shlex.split(command) if len(command) <= _LONGEST_COMMAND else []
    except ValueError:
        return None
    if not words or words[0] not in _PYTHONS:
        return None
    return _text(next((word for word in words[1:] if word != "-u"), None))


def _told(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as opened:
            content = read_json(opened.read(_MOST_BYTES + 1)[:_MOST_BYTES])
    except (OSError, NotJson):
        return {}
    return content if isinstance(content, dict) else {}


def _text(value: object) -> str | None:
    """Return a path as users write it, or None."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_PATH and "\0" not in value else None
