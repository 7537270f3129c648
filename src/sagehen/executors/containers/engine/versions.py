"""The version of Docker's API that an engine is asked in: the oldest with what we need that it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Docker 20.10 has it and Podman 4.3 answers to it.
_OLDEST = (1, 40)


def spoken(about: Mapping[str, Any]) -> str:
    """Return it, of what `/version` is answered with.

    Engines stop answering to old ones: Docker 29 says `client version 1.43 is too old. Minimum supported API
    version is 1.44` (its release notes; not recorded here). One that knows no newer than 1.39 refuses in its
    own words.
    """
    found = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", str(about.get("MinAPIVersion")))
    major, minor = max(_OLDEST, (int(found[1]), int(found[2]))) if found else _OLDEST
    return f"{major}.{minor}"
