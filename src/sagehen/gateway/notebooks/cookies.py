"""The session's cookie: read, written, and kept from the server behind."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAME = "sagehen-notebook"
_SESSION = re.compile(r"[A-Za-z0-9_-]{16,256}", re.ASCII)
# Another notebook's page can set cookies for all names below the region; ours is found among so many.
_MOST = 8


def sessions(cookies: Iterable[str]) -> list[str]:
    """Return the sessions of Cookie headers, each once, as many as are looked at."""
    found = (value for name, value in _pairs(cookies) if name == NAME and _SESSION.fullmatch(value))
    return list(dict.fromkeys(found))[:_MOST]


def without_sessions(cookies: Iterable[str]) -> str:
    """Return one Cookie header of all others; '' where there are none."""
    return "; ".join(f"{name}={value}" for name, value in _pairs(cookies) if name != NAME)


def set_cookie(session: str, seconds: int, *, secure: bool) -> str:
    """Return the Set-Cookie header that opens a session: no script reads it, no other host gets it."""
    flags = "; Secure" if secure else ""
    return f"{NAME}={session}; Path=/; Max-Age={max(0, seconds)}; HttpOnly; SameSite=Lax{flags}"


def _pairs(cookies: Iterable[str]) -> list[tuple[str, str]]:
    pairs = []
    for header in cookies:
        for part in header.split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                pairs.append((name.strip(), value.strip()))
    return pairs
