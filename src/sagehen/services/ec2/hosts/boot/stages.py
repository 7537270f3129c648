"""The steps of a boot, in cloud-init's order: init, config, final.

Order: cloud-init's documentation, "Boot stages", and its default module lists. Several configurations are
merged as its default says: key by key, the later one wins.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.yaml_text import NotYaml, read_yaml
from sagehen.services.ec2.hosts.boot.cloud_config import CloudConfig, Command, File, User, read
from sagehen.services.ec2.hosts.boot.user_data import Kind, Part, UserDataUnreadable, parts_of

SCRIPTS_FOLDER = "/var/lib/cloud/instance/scripts"
_REFUSED = {
    Kind.INCLUDE: "files named by addresses are not fetched here",
    Kind.INCLUDE_ONCE: "files named by addresses are not fetched here",
    Kind.ARCHIVE: "an archive of configurations is not read here: use a MIME message",
    Kind.TEMPLATE: "templates are not filled in here",
    Kind.PART_HANDLER: "handlers of parts do not run here",
}


@dataclass(frozen=True, slots=True)
class Say:
    """A line for the console and the log."""

    text: str


@dataclass(frozen=True, slots=True)
class SetHostName:
    """Call the machine so."""

    name: str


@dataclass(frozen=True, slots=True)
class AddUser:
    """Make a user."""

    user: User


@dataclass(frozen=True, slots=True)
class AuthorizeKeys:
    """Let these keys in as the default user."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write a file, its folders included."""

    file: File


@dataclass(frozen=True, slots=True)
class RunScript:
    """Write a script to `SCRIPTS_FOLDER` and run it as root, whatever became of those before it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Install:
    """Install packages."""

    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """`poweroff`, `halt` or `reboot`, at the end."""

    mode: str


Step = Say | SetHostName | AddUser | AuthorizeKeys | WriteFile | RunScript | Install | Power


def steps_of(user_data: bytes, *, first_boot: bool) -> list[Step]:
    """Return what a boot does for user data. Never raises: what is wrong is said. Not for the event loop.

    Args:
        user_data: As the instance's metadata have them.
        first_boot: Whether this instance never ran; else only what runs at every boot is left.
    """
    try:
        parts = parts_of(user_data)
    except UserDataUnreadable as error:
        return [Say(f"WARNING: user data cannot be read: {error}")]
    config, said = _config(parts)
    steps: list[Step] = [*said, *(Say(f"WARNING: {each}") for each in config.warnings)]
    steps += [Say(f"WARNING: {part.name}: {_REFUSED[part.kind]}") for part in parts if part.kind in _REFUSED]
    # cloud-init says so of user data that begin like nothing it knows.
    steps += [
        Say(f"WARNING: Unhandled non-multipart (text/x-not-multipart) userdata: {part.content[:24]!r}...")
        for part in parts
        if part.kind is Kind.UNKNOWN
    ]
    scripts = sorted((part for part in parts if part.kind is Kind.SCRIPT), key=lambda part: part.name)
    per_boot = _scripts(parts, Kind.SCRIPT_PER_BOOT)
    # A boothook without a first line of its own is a shell's.
    steps += [RunScript(part.name, _script_of(part.content)) for part in parts if part.kind is Kind.BOOTHOOK]
    if first_boot:
        steps += [SetHostName(config.host_name)] if config.host_name else []
        steps += [WriteFile(file) for file in config.files if not file.deferred]
    if config.boot_commands:
        steps.append(RunScript("bootcmd", shell_script(config.boot_commands)))
    if not first_boot:
        return steps + per_boot
    steps += [AddUser(user) for user in config.users]
    steps += [AuthorizeKeys(config.authorized_keys)] if config.authorized_keys else []
    steps += [Install(config.packages)] if config.packages else []
    steps += [WriteFile(file) for file in config.files if file.deferred]
    steps += _scripts(parts, Kind.SCRIPT_ONCE) + per_boot + _scripts(parts, Kind.SCRIPT_PER_INSTANCE)
    # `runcmd` is a script beside those of the parts, and comes behind `part-…` in the alphabet.
    last: list[tuple[str, bytes]] = [(part.name, part.content) for part in scripts]
    if config.commands:
        last.append(("runcmd", shell_script(config.commands)))
    steps += [RunScript(name, content) for name, content in sorted(last)]
    steps += [Say(config.final_message)] if config.final_message else []
    steps += [Power(config.power_state.mode)] if config.power_state else []
    return steps


def shell_script(commands: Sequence[Command]) -> bytes:
    """Return a script of lines as they are and of lists of words that no shell takes apart."""
    lines = [each if isinstance(each, str) else shlex.join(each) for each in commands]
    return ("#!/bin/sh\n" + "\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _config(parts: Sequence[Part]) -> tuple[CloudConfig, list[Say]]:
    merged: dict[str, Any] = {}
    said: list[Say] = []
    for part in parts:
        if part.kind is not Kind.CONFIG:
            continue
        try:
            document = read_yaml(part.content)
        except NotYaml as error:
            said.append(Say(f"WARNING: Failed loading yaml blob of {part.name}: {error}"))
            continue
        if isinstance(document, dict):
            merged |= document
        elif document is not None:
            said.append(Say(f"WARNING: {part.name} is a {type(document).__name__}, no mapping"))
    return read(merged), said


def _scripts(parts: Sequence[Part], kind: Kind) -> list[Step]:
    chosen = sorted((part for part in parts if part.kind is kind), key=lambda part: part.name)
    return [RunScript(part.name, part.content) for part in chosen]


def _script_of(hook: bytes) -> bytes:
    first, _, rest = hook.partition(b"\n")
    if first.startswith(b"#cloud-boothook"):
        hook = rest
    return hook if hook.startswith(b"#!") else b"#!/bin/sh\n" + hook
