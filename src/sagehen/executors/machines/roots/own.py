"""What is root's to change of the places that its machine shares with the host, written down as JSON.

<folder>/usr.json, etc.json, dpkg.json   see `base.Layers.own`

Folders that everybody of this host may list, and copies of what everybody may read: nothing else of the
host becomes visible. Folders deep down are left out, each costs some microseconds at every start: nobody
adds a file to them, and a package that brings them makes them anew.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.isolation.view import SYSTEM_ETC

_DEPTH, _MOST = 3, 20_000
# Into these, packages put files of theirs a level deeper.
_DEEPER = ("lib/python3/dist-packages/", "share/icons/", "share/locale/", "share/man/")
_NOT_INTO = ("lib/debug/", "lib/firmware/", "lib/modules/", "share/doc/", "share/zoneinfo/", "src/")
# What installers read besides, which distributions ship and nobody keeps secrets in.
_MORE_ETC = ("adduser.conf", "debconf.conf", "debian_version", "deluser.conf", "dpkg", "login.defs", "shells")
_TEXTS = {
    # Root may become anybody and nobody else by a password: there are none.
    "pam.d/other": "auth sufficient pam_rootok.so\nauth required pam_deny.so\n"
    "account required pam_permit.so\npassword required pam_permit.so\nsession required pam_permit.so\n",
    # Its user for downloads is nobody here.
    "apt/apt.conf.d/01sagehen": 'APT::Sandbox::User "root";\n',
}
_APT = ("apt.conf", "auth.conf", "preferences", "sources.list", "trusted.gpg")
_DPKG = Path("/var/lib/dpkg")


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
    listed = subprocess.run(
        ["find", "/usr", "-xdev", "-mindepth", "1", "-maxdepth", str(_DEPTH + 1), "-type", "d", "-perm", "-5",
         "-printf", r"%P\0"],
        capture_output=True, check=False, stdin=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    known: dict[str, None] = {"": None}
    for raw in listed.stdout.split(b"\0"):
        name = os.fsdecode(raw)
        deep = name.count("/") >= _DEPTH and not name.startswith(_DEEPER)
        hidden = name.startswith(_NOT_INTO) or (name.startswith("local/") and not with_local)
        # One that not everybody may list is left out with all below it.
        if name and not deep and not hidden and name.rpartition("/")[0] in known and len(known) < _MOST:
            known[name] = None
    return {"folders": [[name] for name in known if name], "links": [], "files": [], "texts": []}


def _etc() -> dict[str, list[list[str]]]:
    own = _copies(Path("/etc"), (*SYSTEM_ETC, *_MORE_ETC))
    own["folders"] += [[name] for name in ("apt", *(f"apt/{each}.d" for each in _APT))]
    folders = {name for (name,) in own["folders"]}
    for name, text in _TEXTS.items():
        parts = name.split("/")[:-1]
        needed = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        own["folders"] += [[one] for one in needed if one not in folders]
        folders |= set(needed)
        own["texts"].append([name, text])
    return own


def _dpkg() -> dict[str, list[list[str]]]:
    own = _copies(_DPKG, ("alternatives", "diversions", "statoverride", "status", "triggers"))
    own["folders"] += [[name] for name in ("info", "parts", "updates")]
    own["texts"] += [[name, ""] for name in ("available", "lock", "lock-frontend", "triggers/Lock")]
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
