"""Which engine it is, and whether it can run what this platform wants run."""

from __future__ import annotations

import os
from typing import Any

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.containers.dialects import Engine
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.errors import EngineError

# Podman's service takes seconds for its first answer, and is started by it where systemd listens for it.
_ASKED_S = 60.0


async def ask_engine(client: EngineClient) -> Engine:
    """Return which engine listens.

    Raises:
        SandboxUnavailable: None does, or this one cannot be used.
    """
    try:
        version = await client.version(_ASKED_S)
        about = await client.document("GET", "/info", timeout_s=_ASKED_S)
    except EngineError as error:
        raise SandboxUnavailable(f"No container engine answers: {error}") from error
    if (why := refusal_of(about, is_root=os.geteuid() == 0)) is not None:
        raise SandboxUnavailable(why)
    return engine_of(version)


def engine_of(version: dict[str, Any]) -> Engine:
    """Read what `/version` says; Podman calls itself so in its first component."""
    first = (version.get("Components") or [{}])[0]
    is_podman = "podman" in str(first.get("Name", "")).lower()
    return Engine(f"{'Podman' if is_podman else 'Docker'} {version.get('Version', '')}".strip(), is_podman)


def refusal_of(about: dict[str, Any], *, is_root: bool) -> str | None:
    """Return why an engine of which `/info` says this cannot be used; None where it can.

    Whoever is root in a container has to be whoever owns the data folder, of which its mounts are.
    """
    options = [str(option) for option in about.get("SecurityOptions") or ()]
    is_rootless = any(option.startswith("name=rootless") for option in options)
    if any(option.startswith("name=userns") for option in options):
        return "The engine maps users (userns-remap), so its containers cannot write to the data folder."
    if is_root and is_rootless:
        return "The engine is an ordinary user's (rootless), and the platform is root: run both as the same."
    if not is_root and not is_rootless:
        return (
            "The engine is root's, and the platform an ordinary user's, who could not delete what its "
            "containers write: run a rootless engine (podman system service, or Docker's rootless mode), or "
            "the platform as root."
        )
    return None


def refusal_of_user(uid: int, *, is_root: bool) -> str | None:
    """Return why a user of an image cannot be had; None where he can.

    In a rootless engine's container only root is the platform's own user: another one is a number of the
    host's that may not write to the data folder, and whose files the platform could not delete.
    """
    if is_root or uid == 0:
        return None
    return (
        f"The image's user is {uid}, and with a rootless engine only images run whose user is root: leave "
        "out --containers, or run platform and engine as root."
    )
