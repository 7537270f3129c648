"""Constraints: what pip brings must go with what the environment has.

Without them a package that needs another torch brings one, with CUDA, of gigabytes, while the environment's
own is what the log names. What a requirements file itself asks for in another version is the user's choice,
and is left out.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

# pip builds with these, and may bring newer ones; Sagehen is not of the user's world.
_FREE = frozenset({"pip", "setuptools", "wheel", "sagehen"})
_MOST_INCLUDES = 20


def installed() -> dict[str, str]:
    """Return normalised name -> version; of two of one name the one that is imported."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        if name := distribution.metadata["Name"]:
            found.setdefault(normal(name), distribution.version)
    return found


def constraints(wanted: Iterable[str], have: dict[str, str]) -> list[str]:
    """Return the lines of a constraints file.

    Args:
        wanted: Requirements, as written on the command line and in files.
    """
    chosen = {name for name, accepted in map(_parsed, wanted) if name in have and not accepted(have[name])}
    return [f"{name}=={version}" for name, version in sorted(have.items()) if name not in _FREE | chosen]


def written(wanted: Iterable[str]) -> Path:
    """Write a constraints file for this environment, which is the caller's to remove."""
    with tempfile.NamedTemporaryFile("w", prefix="constraints-", suffix=".txt", delete=False) as file:
        file.write("\n".join(constraints(wanted, installed())) + "\n")
    return Path(file.name)


def requirements_in(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the requirements that the words after `pip install` name, those in files included."""
    files: list[Path] = []
    words = iter(arguments)
    for word in words:
        if word in ("-r", "--requirement"):
            files.append(Path(next(words, "")))
        elif word.startswith(("--requirement=", "-r")):
            files.append(Path(word.removeprefix("--requirement=").removeprefix("-r")))
        elif not word.startswith("-"):
            yield word
    seen: set[Path] = set()
    while files and len(seen) < _MOST_INCLUDES:
        file = files.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        for line in file.read_text(errors="replace").splitlines():
            text = line.split(" #")[0].strip()
            if match := re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)", text):
                files.append(file.parent / match[1])
            elif text and not text.startswith(("-", "#")):
                yield text


def _parsed(requirement: str) -> tuple[str, Any]:
    """Return the name, and whether a version is what is asked for."""
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement

    try:
        parsed = Requirement(requirement)
    except InvalidRequirement:
        return "", None  # a path or an address
    if parsed.url is not None:
        return normal(parsed.name), lambda version: False
    return normal(parsed.name), lambda version: parsed.specifier.contains(version, prereleases=True)


def normal(name: str) -> str:
    """Return a distribution's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()
