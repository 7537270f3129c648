"""The configuration of an image: what runs in it, as whom, where. Foreign text, read within bounds."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.process_text import fault_of_folder, first_fault
from sagehen.images.digests import is_digest
from sagehen.images.manifests import MAX_LAYERS

MAX_BYTES = 4_194_304
_MOST_WORDS = 10_000
# Of the kernel -> of Go, which images are named by.
_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
}


class UnusableImage(ValueError):
    """The image cannot be run here; the message says why, and is for people."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an image says of how it is run.

    Args:
        entrypoint, command: Words; the command is given to the entry point.
        environment: Variables.
        user: `name`, `name:group`, numbers, or ''.
        working_directory: Absolute; `/` where it says none.
        stop_signal: `SIGTERM`, `9`, or None.
        diff_ids: The digests of its layers, unpacked, the lowest first.
    """

    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    user: str
    working_directory: str
    stop_signal: str | None
    diff_ids: tuple[str, ...]


def host_architecture() -> str:
    """Return this machine's processor, as images name it."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, machine)


def read_configuration(body: bytes) -> Configuration:
    """Read a configuration, and check that this machine can run what it describes.

    Raises:
        UnusableImage.
    """
    try:
        document = read_json(body)
    except NotJson as error:
        raise UnusableImage(f"its configuration is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UnusableImage("its configuration is no JSON object")
    require_platform(document)
    config = document.get("config") or {}
    rootfs = document.get("rootfs") or {}
    if not isinstance(config, dict) or not isinstance(rootfs, dict):
        raise UnusableImage("its configuration is none of an image's")
    diff_ids = _words(rootfs.get("diff_ids"), "rootfs.diff_ids")
    if len(diff_ids) > MAX_LAYERS or not all(map(is_digest, diff_ids)):
        raise UnusableImage("its configuration does not name its layers by SHA-256 digests")
    variables = {}
    for line in _words(config.get("Env"), "Env"):
        name, _, value = line.partition("=")
        if name:
            variables[name] = value
    entrypoint, command = (_words(config.get(member), member) for member in ("Entrypoint", "Cmd"))
    if fault := first_fault(variables, (*entrypoint, *command)):
        raise UnusableImage(f"its Env, Entrypoint or Cmd has {fault[0][:100]}: {fault[1]}")
    return Configuration(
        entrypoint,
        command,
        variables,
        _text(config.get("User"), "User"),
        _directory(config),
        _text(config.get("StopSignal"), "StopSignal") or None,
        diff_ids,
    )


def _directory(config: Mapping[str, Any]) -> str:
    directory = _text(config.get("WorkingDir"), "WorkingDir") or "/"
    if fault := fault_of_folder(directory):
        raise UnusableImage(f"its WorkingDir cannot be one: {fault}")
    return directory


def require_platform(said: Mapping[str, Any]) -> None:
    """Check that this machine runs an image of some platform.

    Args:
        said: `os` and `architecture`.

    Raises:
        UnusableImage: It is for another processor or system.
    """
    system, architecture = said.get("os"), said.get("architecture")
    if (system, architecture) != ("linux", host_architecture()):
        raise UnusableImage(
            f"it is for {str(system)[:40]}/{str(architecture)[:40]}, and this machine is "
            f"linux/{host_architecture()}: build it with `--platform linux/{host_architecture()}`"
        )


def _words(value: object, member: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_WORDS:
        raise UnusableImage(f"its {member} is no list")
    return tuple(_text(word, member) for word in value)


def _text(value: object, member: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise UnusableImage(f"its {member} is no text that a process can be given")
    return value
