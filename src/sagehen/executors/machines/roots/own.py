"""What is root's to change of the places that its machine shares with the host, written down as JSON.

<folder>/usr.json, etc.json, dpkg.json   see `base.Layers.own`

Folders that everybody of this host may list, and copies of what everybody may read: nothing else of the
host becomes visible. Folders deep down are left out, each costs some microseconds at every start: nobody
adds a file to them, and a package that brings them makes them anew.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.isolation.view import SYSTEM_ETC

_DEPTH, _MOST = 3, 20_000
# A /usr on a network that does not answer holds up no start: its folders then take nothing new.
_PATIENCE_S = 30.0
# Into these, packages put files of theirs below folders of others: so much deeper.
_DEEPER = {
    "lib/*-linux-gnu*": 7, "lib/python3/dist-packages": 1, "share/icons/hicolor": 2, "share/locale": 2,
    "share/man": 2, "share/perl5": 7,
}  # fmt: skip
_NOT_INTO = (
    "include/linux/", "lib/debug/", "lib/firmware/", "lib/modules/", "lib/terminfo/", "share/bug/",
    "share/doc/", "share/zoneinfo/", "src/",
)  # fmt: skip
# What installers read besides, which distributions ship and nobody keeps secrets in.
_MORE_ETC = ("adduser.conf", "debconf.conf", "debian_version", "deluser.conf", "dpkg", "login.defs", "shells")
_TEXTS = {
    # Root may become anybody and nobody else by a password: there are none.
    "pam.d/other": "auth sufficient pam_rootok.so\nauth required pam_deny.so\n"
    "account required pam_permit.so\npassword required pam_permit.so\nsession required pam_permit.so\n",
    # What the host has is not upgraded: its files are replaced, and cannot be linked to before (dpkg).
    "apt/preferences.d/01sagehen": "Package: *\nPin: release a=now\nPin-Priority: 1001\n",
    # Its user for downloads is nobody here.
    "apt/apt.conf.d/01sagehen": 'APT::Sandbox::User "root";\n',
}
_APT = ("apt.conf.d", "auth.conf.d", "keyrings", "preferences.d", "sources.list.d", "trusted.gpg.d")
# Of the host's apt: where packages come from, and whose word is taken for them.
_SOURCES = ("sources.list", "sources.list.d", "keyrings", "trusted.gpg", "trusted.gpg.d")
_MOST_SOURCE_BYTES = 256 * 1024
# The host's exceptions name groups that it alone has.
_EMPTY = ("available", "lock", "lock-frontend", "statoverride", "triggers/Lock")
_DPKG = Path("/var/lib/dpkg")
_ADDRESS = re.compile(rb"[a-z+]+://[^\s\]]+", re.IGNORECASE)
_PIECE = re.compile(rb"[0-9A-Za-z]{20,}")
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lower:
    """What lies below a machine's own files in one place.

    Args:
        name: Of the folder on its disk.
        target: The place.
        own, host: See `base.Layers`.
    """

    name: str
    target: str
    own: Path
    host: Path | None


def write(folder: Path, *, with_local: bool) -> list[Lower]:
    """Write it into a folder that exists, and return it. Blocking.

    Args:
        with_local: /usr/local is laid under what machines write, like the rest; else they have their own.
    """
    found = [
        (Lower("usr", "/usr", folder / "usr.json", Path("/usr")), _usr(with_local)),
        (Lower("etc", "/etc", folder / "etc.json", None), _etc()),
    ]
    if (_DPKG / "status").is_file():
        found.append((Lower("dpkg", str(_DPKG), folder / "dpkg.json", _DPKG), _dpkg()))
    for lower, own in found:
        partial = lower.own.with_suffix(".partial")
        partial.write_text(json.dumps(own))
        partial.rename(lower.own)
    return [lower for lower, _ in found]


def _usr(with_local: bool) -> dict[str, list[list[str]]]:
    names = _folders_in("/usr", _DEPTH)
    for pattern, depth in _DEEPER.items():
        for folder in Path("/usr").glob(pattern):
            names += _folders_in(str(folder), depth)
    known: dict[str, None] = {"": None}
    for name in names:
        hidden = name.startswith(_NOT_INTO) or (name.startswith("local/") and not with_local)
        # One that not everybody may list is left out with all below it.
        if name and not hidden and name.rpartition("/")[0] in known and len(known) < _MOST:
            known[name] = None
    return {"folders": [[name] for name in known if name], "links": [], "files": [], "texts": []}


def _folders_in(root: str, depth: int) -> list[str]:
    """Return the folders in one of /usr that everybody may list, by their names there, outer ones first."""
    command = ["find", root, "-xdev", "-maxdepth", str(depth), "-type", "d", "-perm", "-5", "-print0"]
    try:
        listed = subprocess.run(
            command, capture_output=True, check=False, stdin=subprocess.DEVNULL, cwd="/", timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired):  # or a host without findutils
        return []
    return [os.fsdecode(raw)[len("/usr/") :] for raw in listed.stdout.split(b"\0")]


def _etc() -> dict[str, list[list[str]]]:
    own = _copies(Path("/etc"), (*SYSTEM_ETC, *_MORE_ETC))
    own["folders"] += [[name] for name in ("apt", *(f"apt/{each}" for each in _APT))]
    own["files"] += [[f"apt/{name}", str(Path("/etc/apt", name))] for name in sources(Path("/etc/apt"))]
    folders = {name for (name,) in own["folders"]}
    for name, text in _TEXTS.items():
        parts = name.split("/")[:-1]
        needed = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        own["folders"] += [[one] for one in needed if one not in folders]
        folders |= set(needed)
        own["texts"].append([name, text])
    return own


def sources(apt: Path) -> list[str]:
    """Return the files that say where packages come from, without those in which a secret may be."""
    found = []
    for path in _below(apt, _SOURCES):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or not status.st_mode & stat.S_IROTH:
            continue
        says = path.read_bytes() if status.st_size <= _MOST_SOURCE_BYTES else b""
        if path.suffix not in (".list", ".sources") or not _may_hold_secrets(says):
            found.append(str(path.relative_to(apt)))
    return found


def _may_hold_secrets(says: bytes) -> bool:
    """Tell whether an address in a file may let its reader in: name:password@…, …/<token>/…, …?token=…"""
    return b"@" in says or any(
        b"?" in address or _UUID.search(address) or any(map(_is_drawn, _PIECE.findall(address)))
        for address in _ADDRESS.findall(says)
    )


def _is_drawn(piece: bytes) -> bool:
    """Tell whether nobody calls a folder of packages so: both letters and digits, in 20 of them and more."""
    return not piece.isalpha() and not piece.isdigit()


def _dpkg() -> dict[str, list[list[str]]]:
    own = _copies(_DPKG, ("diversions", "status", "triggers"))
    own["folders"] += [[name] for name in ("alternatives", "info", "parts", "updates")]
    own["texts"] += [[name, ""] for name in _EMPTY]
    return own


def _copies(root: Path, names: Iterable[str]) -> dict[str, list[list[str]]]:
    own: dict[str, list[list[str]]] = {"folders": [], "links": [], "files": [], "texts": []}
    for path in _below(root, names):
        name, mode = str(path.relative_to(root)), path.lstat().st_mode
        if stat.S_ISLNK(mode):
            own["links"].append([name, str(path.readlink())])
        elif stat.S_ISDIR(mode):
            own["folders"].append([name])
        elif stat.S_ISREG(mode) and mode & stat.S_IROTH:
            own["files"].append([name, str(path)])
    return own


def _below(root: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield what there is, folders before what they hold, none that not everybody may list."""
    for name in names:
        path = root / name
        if not os.path.lexists(path):
            continue
        wanted = stat.S_IROTH | stat.S_IXOTH
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & wanted != wanted:
            continue
        yield path
        if stat.S_ISDIR(mode):
            yield from _below(path, sorted(inner.name for inner in path.iterdir()))
