"""Where a container engine listens, by its name: `--containers docker`."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path


class NoEngine(ValueError):
    """There is none; the message says where it was looked for."""


def socket_of(text: str, variables: Mapping[str, str], uid: int) -> Path:
    """Return the socket of `docker`, `podman`, or the path that was given.

    Raises:
        NoEngine: Nothing is there, or no socket.
    """
    places = _places(text, variables, uid)
    for place in places:
        try:
            if stat.S_ISSOCK(place.stat().st_mode):
                return place.absolute()
        except OSError:
            continue
    cure = {"docker": "is Docker running?", "podman": "systemctl start podman.socket (--user without root)"}
    looked = ", ".join(map(str, places)) or "nowhere: DOCKER_HOST names no Unix socket"
    raise NoEngine(f"{text}: no socket at {looked}" + (f"; {cure[text]}" if text in cure else ""))


def _places(text: str, variables: Mapping[str, str], uid: int) -> list[Path]:
    """Return where it may be, the likeliest first. Both projects document these places."""
    own = Path(variables.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}")
    if text == "docker":
        if said := variables.get("DOCKER_HOST"):
            return [Path(said.removeprefix("unix://"))] if said.startswith("unix://") else []
        rootless, system = own / "docker.sock", Path("/var/run/docker.sock")
        return [system, rootless] if uid == 0 else [rootless, system]
    if text == "podman":
        return [Path("/run/podman/podman.sock")] if uid == 0 else [own / "podman/podman.sock"]
    return [Path(text.removeprefix("unix://"))]
