"""The users of a machine, as its /etc/passwd, group and shadow have them at first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# Debian's names and numbers, where this host has them; others have those that programs ask for by name.
_MASTERS = Path("/usr/share/base-passwd")
_USERS = (
    "daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:*:2:2:bin:/bin:/usr/sbin/nologin\n"
    "mail:*:8:8:mail:/var/mail:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/:/usr/sbin/nologin\n"
)
_GROUPS = (
    "daemon:*:1:\nbin:*:2:\nsys:*:3:\nadm:*:4:\ntty:*:5:\ndisk:*:6:\nmail:*:8:\nsudo:*:27:\nshadow:*:42:\n"
    "utmp:*:43:\nstaff:*:50:\nusers:*:100:\nnogroup:*:65534:\n"
)
FIRST_UID = 1000
ADM_GID, SUDO_GID, SHADOW_GID = 4, 27, 42
# Of those who may do as root: the second reads logs.
_SUDOERS = ("sudo", "adm")


def files(names: Sequence[str], *, sudoers: Sequence[str], one_user: bool) -> dict[str, str]:
    """Return the files of /etc.

    Args:
        names: Of people, the first the default user.
        sudoers: Those who may do as root.
        one_user: All people are root under other names.
    """
    shell = "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"
    passwd, group = [f"root:x:0:0:root:/root:{shell}"], ["root:x:0:"]
    passwd += _lines("passwd.master", _USERS)
    for line in _lines("group.master", _GROUPS):
        name, password, gid, members = line.split(":", 3)
        group.append(":".join((name, password, gid, ",".join(sudoers) if name in _SUDOERS else members)))
    known = {line.partition(":")[0] for line in passwd}
    for place, name in enumerate(name for name in names if name not in known):
        number = 0 if one_user else FIRST_UID + place
        passwd.append(f"{name}:x:{number}:{number}:{name}:/home/{name}:{shell}")
        if not one_user:
            group.append(f"{name}:x:{number}:")
    shadow = [f"{line.partition(':')[0]}:*:20000:0:99999:7:::" for line in passwd]
    return {
        "passwd": _text(passwd),
        "group": _text(group),
        "shadow": _text(shadow),
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n",
    }


def _lines(name: str, otherwise: str) -> list[str]:
    """Return what a distribution's master file has besides root."""
    try:
        text = (_MASTERS / name).read_text()
    except OSError:
        text = otherwise
    lines = [line for line in text.splitlines() if line.count(":") >= 3]
    return [line.replace(":*:", ":x:", 1) for line in lines if not line.startswith("root:")]


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
