"""Who an image's process is, as the image's own files say: foreign text, read within bounds."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.process_text import fault_of_path
from sagehen.images.configuration import UnusableImage
from sagehen.images.roots.bounds import UnusableLayer
from sagehen.images.roots.tree import Tree

_MOST_BYTES = 1024 * 1024
_MOST_GROUPS = 64
# Of a user namespace's 65,536.
_MOST_NUMBER = 65_535
_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class User:
    """A user, as numbered inside."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


def user_of(root: Path, said: str) -> User:
    """Return who `User` of a configuration is. Blocking.

    Args:
        root: The image, unpacked.
        said: `name`, `name:group`, `uid`, `uid:gid`, or ''.

    Raises:
        UnusableImage: There is no such user or group.
    """
    name, _, group = said.partition(":")
    name = name or "0"
    users = [line for line in _lines(root, "etc/passwd") if len(line) >= 6]
    found = next((line for line in users if name in (line[0], line[2])), None)
    uid = _number(name if found is None else found[2])
    gid = None if found is None else _number(found[3])
    groups = [line for line in _lines(root, "etc/group") if len(line) >= 4]
    if group:
        named = next((line[2] for line in groups if group in (line[0], line[2])), group)
        gid = _number(named)
    if uid is None or (group and gid is None):
        raise UnusableImage(f"its user is {said[:100]!r}, whom its /etc/passwd and /etc/group do not know")
    more: list[int] = []
    if found is not None and not group:
        for line in groups:
            number = _number(line[2])
            if number is not None and found[0] in line[3].split(",") and len(more) < _MOST_GROUPS:
                more.append(number)
    home = "/" if found is None or not found[5].startswith("/") or fault_of_path(found[5]) else found[5]
    return User(uid, gid or 0, tuple(more), home)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) and int(text) <= _MOST_NUMBER else None


def _lines(root: Path, name: str) -> list[list[str]]:
    """Return a file of fields, empty where there is none: no link leads out of the image."""
    tree = Tree(root, keeps_owners=False)
    try:
        placed = tree.parent_of(name, make=False)
        file = os.open(tree.path(*placed), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) if placed else None
    except (OSError, UnusableLayer):
        return []
    if file is None:
        return []
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return []
        text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    return [line.split(":") for line in text.splitlines()]
