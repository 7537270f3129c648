"""Whether an image's environment has what a source imports: said before the start, not by a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.environments.lacks import Lacks, judge, listed
from sagehen.executors.environments.source import read_source
from sagehen.services.sagemaker.images.mapping import Image


class ImportsMissing(Exception):
    """The source imports what its environment has not; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is started of a source.

    Args:
        folder: The source.
        entry: The script, relative to it. One that is no Python, or is not there, imports nothing.
        requirements: The file in it whose packages are installed before the start; None: none are.
        remedy: What the user does to have packages installed.
    """

    folder: Path
    entry: str
    requirements: str | None = "requirements.txt"
    remedy: str = "Name it in a requirements.txt beside the script"


async def lacks_of(image: Image, script: Script, provided: Collection[str] = ()) -> Lacks:
    """Return what an image's environment lacks of a source.

    Args:
        provided: Modules that containers find besides.
    """
    if not script.entry.endswith(".py"):
        return Lacks({}, {})
    source = await read_source(script.folder, script.entry, script.requirements)
    wanted = (source.certain.keys() | source.perhaps.keys()) - set(provided)
    missing = await asyncio.to_thread(image.environment.missing, wanted)
    return judge(source, missing, image.environment.distributions.keys(), image.promised)


def require(image: Image, lacks: Lacks, script: Script) -> str | None:
    """Return a line for the log about imports that may fail; None where there is nothing to say.

    Args:
        lacks: Of this script.

    Raises:
        ImportsMissing: Some must fail.
    """
    if lacks.certain:
        name = next(iter(lacks.certain))
        has = image.environment
        raise ImportsMissing(
            f"ModuleNotFoundError: No module named '{name[:80]}'. The source imports "
            f"{listed(lacks.certain)}, which {has.label} (Python {has.python}) has not. "
            f"{_cure(image, lacks, script)}"
        )
    if lacks.perhaps:
        return f"the source may import {listed(lacks.perhaps)}, which {image.environment.label} has not"
    return None


def _cure(image: Image, lacks: Lacks, script: Script) -> str:
    """Return the one thing to do about it."""
    if image.environment.kind == "mapped":
        return f"Install it there ({image.environment.name}). {script.remedy}: that does as well."
    if image.environment.kind == "local" and set(lacks.certain) <= image.promised:
        return f"AWS's image has it: `{image.build_command}` makes an environment that has it too."
    return f"{script.remedy}: it is installed at the start, here and on AWS."
