"""The one look at a spec before anything of it is written: what cannot be said exactly is not said."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sagehen.domain.process_text import (
    encoded,
    fault_of_argument,
    fault_of_field,
    fault_of_path,
    fault_of_variable,
)
from sagehen.executors.base import SandboxSpec, SandboxUnavailable

# The kernel's HOST_NAME_MAX.
_HOSTNAME_CHARACTERS = 64
# Of what execve takes for all words and variables together, this much is left to what a sandbox adds.
_RESERVED_BYTES = 65_536
_POINTER_BYTES = 8


def require_representable(spec: SandboxSpec) -> None:
    """Check every text of a spec that becomes an argument, a variable, a path or a line of a file.

    Raises:
        SandboxUnavailable: Names the first that cannot; its value stays out, it may be a secret.
    """
    for what, fault in _faults(spec):
        if fault is not None:
            raise SandboxUnavailable(f"{what} cannot be given to a process: {fault}.")


def _faults(spec: SandboxSpec) -> Iterator[tuple[str, str | None]]:
    if not spec.command or not spec.command[0]:
        yield "An empty command", "it names no program"
    for place, word in enumerate(spec.command):
        yield f"Word {place} of the command", fault_of_argument(word)
    for name, value in spec.environment.items():
        yield f"The variable {_shown(name)}", fault_of_variable(name, value)
    yield "Its command and variables", _fault_of_all(spec)
    yield "The working directory", fault_of_path(spec.working_directory)
    for mount in spec.mounts:
        yield "A mount's source", fault_of_path(str(mount.source))
        yield "A mount's target", fault_of_path(mount.target)
    hosts = spec.network.hosts.items() if spec.network else ()
    for host, address in hosts:
        yield "A host's name", fault_of_field(host)
        yield "A host's address", fault_of_field(address)
    hostname = spec.hostname or spec.name
    too_long = "it is too long" if spec.hostname and len(hostname) > _HOSTNAME_CHARACTERS else None
    yield "The home folder", fault_of_path(spec.home) or fault_of_field(spec.home) or _ends_a_field(spec.home)
    yield "The user's name", fault_of_field(spec.user_name) or _ends_a_field(spec.user_name)
    yield "The host name", fault_of_field(hostname) or too_long


def _fault_of_all(spec: SandboxSpec) -> str | None:
    """Return why execve would refuse words and variables that are right each for itself, or None."""
    texts = [*spec.command, *(f"{name}={value}" for name, value in spec.environment.items())]
    size = sum(len(encoded(text)) + 1 + _POINTER_BYTES for text in texts)
    most = os.sysconf("SC_ARG_MAX") - _RESERVED_BYTES
    return f"they are {size} bytes together, more than {most}" if size > most else None


def _ends_a_field(text: str) -> str | None:
    """Return why a text cannot be a field of /etc/passwd and /etc/group, or None."""
    return "':' and ',' separate fields" if ":" in text or "," in text else None


def _shown(name: str) -> str:
    return ascii(name[:100])
