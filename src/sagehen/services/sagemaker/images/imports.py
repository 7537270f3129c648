"""Whether an image's environment has what a source imports: said before the start, not by a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from sagehen.executors.environments.lacks import Lacks, judge, listed
from sagehen.executors.environments.source import read_source
from sagehen.services.sagemaker.images.mapping import Image


class ImportsMissing(Exception):
    """The source imports what its environment has not; the message says what, and what to do."""


async def lacks_of(image: Image, folder: Path, entry: str, provided: Collection[str] = ()) -> Lacks:
    """Return what an image's environment lacks of a source.

    Args:
        folder: The source.
        entry: The script, relative to it. One that is no Python, or is not there, imports nothing.
        provided: Modules that containers find besides.
    """
    if not entry.endswith(".py"):
        return Lacks({}, {})
    source = await read_source(folder, entry)
    wanted = (source.certain.keys() | source.perhaps.keys()) - set(provided)
    missing = await asyncio.to_thread(image.environment.missing, wanted)
    return judge(source, missing, image.environment.distributions.keys(), image.promised)


def require(image: Image, lacks: Lacks) -> str | None:
    """Return a line for the log about imports that may fail; None where there is nothing to say.

    Raises:
        ImportsMissing: Some must fail.
    """
    if lacks.certain:
        name = next(iter(lacks.certain))
        has = image.environment
        raise ImportsMissing(
            f"ModuleNotFoundError: No module named '{name[:80]}'. The source imports "
            f"{listed(lacks.certain)}, which {has.label} (Python {has.python}) has not. {_cure(image, lacks)}"
        )
    if lacks.perhaps:
        return f"the source may import {listed(lacks.perhaps)}, which {image.environment.label} has not"
    return None


def _cure(image: Image, lacks: Lacks) -> str:
    """Return the one thing to do about it."""
    if image.environment.kind == "mapped":
        return (
            f"Install it there ({image.environment.name}), or name it in requirements.txt beside the script."
        )
    if image.environment.kind == "local" and set(lacks.certain) <= image.promised:
        return f"AWS's image has it: `{image.build_command}` makes an environment that has it too."
    return "Name it in a requirements.txt beside the script: it is installed at the start, here and on AWS."
