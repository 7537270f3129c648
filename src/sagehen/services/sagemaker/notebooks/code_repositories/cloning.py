"""How a repository gets into a notebook instance: names, folders and the command. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sagehen.api.errors import ValidationException

# Documented: CodeRepositoryNameOrUrl is one or the other.
_SCHEME = "https://"
# git's own rule (git-check-ref-format), and no option: a branch is an argument of `git clone`.
_BRANCH = re.compile(r"(?!-)[^\x00-\x20\x7f~^:?*\[\\]+")
# What git would make a folder of, without what has a meaning in a path.
_FOLDER = re.compile(r"[A-Za-z0-9._-]{1,100}")
# Whether the folder is there is asked first: AWS clones once, what people did there since is theirs.
# Arguments: folder, URL, branch ('' for the repository's own).
_SCRIPT = """
if [ -e "$1" ]; then echo "$1 is there already: it is not cloned again"; exit 0; fi
if [ -n "$3" ]; then exec git clone --branch "$3" -- "$2" "$1"; fi
exec git clone -- "$2" "$1"
"""


@dataclass(frozen=True, slots=True)
class Clone:
    """A repository to clone.

    Args:
        url: Begins with `https://`.
        branch: '' for the repository's own.
        folder: Its name in the volume.
    """

    url: str
    branch: str
    folder: str

    def command(self) -> tuple[str, ...]:
        """Return what clones it, in the volume's folder. Nothing of it is read by a shell or as an option."""
        # Without a terminal git would wait for a name and a password.
        return (
            "/usr/bin/env", "GIT_TERMINAL_PROMPT=0",
            "/bin/sh", "-c", _SCRIPT, "clone", self.folder, self.url, self.branch,
        )  # fmt: skip


def is_url(name_or_url: str) -> bool:
    """Tell whether this is a URL; else it is the name of a code repository."""
    return name_or_url.startswith(_SCHEME)


def require_cloneable(url: str, branch: str = "") -> None:
    """Refuse what git could not clone, or would take for something else; in words of ours.

    Raises:
        ValidationException: It is no URL of a repository, or no name of a branch.
    """
    try:
        parts = urlsplit(url)
        is_sound = bool(parts.hostname) and parts.scheme == "https" and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or re.search(r"[\x00-\x20\x7f]", url) or not _folder_name(url):
        raise ValidationException(f"Invalid Git repository URL: {url}")
    if branch and not _BRANCH.fullmatch(branch):
        raise ValidationException(f"Invalid Git branch: {branch}")


def clones(repositories: Sequence[tuple[str, str]]) -> list[Clone]:
    """Return where repositories go, in their order; a name that is taken gets a number, as files do.

    Args:
        repositories: URLs with their branches, the default repository first.
    """
    found: list[Clone] = []
    for url, branch in repositories:
        name = folder = _folder_name(url)
        number = 2
        while any(other.folder == folder for other in found):
            folder, number = f"{name}-{number}", number + 1
        found.append(Clone(url, branch, folder))
    return found


def _folder_name(url: str) -> str:
    """Return the name of the folder that git would clone into; '' where there is none."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return name if _FOLDER.fullmatch(name) and name.strip(".") else ""
