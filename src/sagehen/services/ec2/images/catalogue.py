"""The public images of a region, from `images.json`: which there are is one file's matter.

An id is made from region and name, so that it is the same on every machine and in every life; AWS's own ids
are not known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# Alias of whoever AWS vouches for; from memory, as are the four accounts in the file.
ALIAS = "amazon"
_REGIONS_HELD = 40


@dataclass(frozen=True, slots=True)
class Family:
    """Images that differ in release and architecture.

    Args:
        name, description: With holes for release and architecture.
        owner: Account id.
        architectures: As EC2 calls it -> as the name does.
        releases: (release, date), the latest last.
        root: The device of the root volume.
        gib, volume: Its size and type.
        login: The user that an SSH client names.
        parameters: SSM's public parameters that hold the latest's id; with a hole for a release, each one's.
        contents: What is on it, for who makes a machine of it.
    """

    name: str
    description: str
    owner: str
    architectures: dict[str, str]
    releases: list[list[str]]
    root: str
    gib: int
    volume: str
    login: str
    parameters: list[str]
    contents: str


@dataclass(frozen=True, slots=True)
class PublicImage:
    """One release for one architecture in one region."""

    id: str
    name: str
    description: str
    architecture: str
    created: str
    family: Family
    # Names of SSM's parameters that hold its id.
    parameters: tuple[str, ...]


@cache
def _families() -> tuple[Family, ...]:
    content = json.loads(files("sagehen.services.ec2.images").joinpath("images.json").read_text())
    return tuple(Family(**row) for row in content["families"])


def _images(region: str) -> Iterator[PublicImage]:
    for family in _families():
        for architecture, spelled in family.architectures.items():
            for release, created in family.releases:
                holes: dict[str, Any] = {"release": release, "arch": spelled}
                name = family.name.format(**holes)
                latest = release == family.releases[-1][0]
                parameters = (p for p in family.parameters if latest or "{release}" in p)
                yield PublicImage(
                    id=image_id(region, name),
                    name=name,
                    description=family.description.format(**holes),
                    architecture=architecture,
                    created=created,
                    family=family,
                    parameters=tuple(parameter.format(**holes) for parameter in parameters),
                )


def image_id(region: str, name: str) -> str:
    """Return the id of a public image."""
    return f"ami-{hashlib.sha256(f'{region}/{name}'.encode()).hexdigest()[:17]}"


_held: dict[str, dict[str, PublicImage]] = {}


def public_images(region: str) -> dict[str, PublicImage]:
    """Return a region's public images by id, in the order of the file."""
    found = _held.get(region)
    if found is None:
        if len(_held) >= _REGIONS_HELD:  # requests may name any region
            _held.clear()
        found = _held[region] = {image.id: image for image in _images(region)}
    return found
