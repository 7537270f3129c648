"""Values: what properties hold besides plain ones.

A reader says `Named`, `Image`, `Stored`, `Package` and `PolicyDocument` of what it knows; linking puts `Ref`,
`Place`, `Setting` and `Text` in their place, and into texts that speak of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple


class Key(NamedTuple):
    """Which resource: CloudFormation's type, and what tells it from others of its type here."""

    type: str
    identity: str


class Place(Enum):
    """Where a template is deployed."""

    REGION = "Region"
    ACCOUNT = "AccountId"


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter: what differs between accounts.

    Args:
        name: Unique in a graph, letters and digits.
        kind: `bucket`, `image`, `object`, `packages`, `network`, `key`.
        about: For whoever must choose.
        here: Its value on this platform.
        default: None where nothing can be guessed.
    """

    name: str
    kind: str
    about: str
    here: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """An attribute of another resource, as CloudFormation calls it; "" is what its Ref is."""

    key: Key
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A reference by name; where there is no such resource in the graph it is the name alone."""

    key: Key
    attribute: str
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text with others in it."""

    parts: tuple[str | Ref | Named | Place | Setting, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """The address of a container image."""

    uri: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that must be there before the resource is made."""

    uri: str
    label: str


@dataclass(frozen=True, slots=True)
class Package:
    """Code of a function or a layer: a file beside the template.

    Args:
        file: Its path there.
        location: Where the zip archive can be had now.
        sha256: The archive's, in hexadecimal.
        bucket: Where templates look for it; None before linking.
    """

    file: str
    location: str
    sha256: str
    bucket: Setting | None = None


class PolicyDocument(dict[str, Any]):
    """A policy: it names what need not be there yet, but for its principals."""
