"""The extensions of one life of a runtime: who they are, and what each one is waiting for.

    started ─register─▶ registered ─next─▶ ready ─event─▶ running ─next─▶ ready …

INIT is over when the runtime and all of them have asked for their first event; an invocation, when all that
wanted it have asked for the next one. The first that fails ends the environment's processes, as on AWS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.replies import Reply

State = Literal[
    "Started", "Registered", "Ready", "Running", "InitError", "ExitError", "LaunchError", "Exited"
]
_FAILED = ("InitError", "ExitError", "LaunchError", "Exited")
# Hands an answer to whom an extension's `next` came from.
Deliver = Callable[[Reply], None]


@dataclass(slots=True)
class Extension:
    """One extension.

    Attributes:
        name: Its file's, or what an internal one calls itself.
        identifier: By which it is known; a UUID.
        is_external: A process of its own; else part of the runtime.
        events: What it has registered for: INVOKE, SHUTDOWN.
        error_type: Why it failed, if it did.
        connection: On which it waits for its next event; None while it does not.
        deliver: Answers there.
        event: What it has not asked for yet.
    """

    name: str
    identifier: str
    is_external: bool
    state: State = "Started"
    events: tuple[str, ...] = ()
    error_type: str | None = None
    connection: object = None
    deliver: Deliver | None = None
    event: Reply | None = None

    def send(self, event: Reply) -> None:
        """Hand over an event, now or as soon as it asks."""
        self.event = event
        if self.deliver is not None:
            deliver, self.deliver, self.connection = self.deliver, None, None
            self.event, self.state = None, "Running"
            deliver(event)


class Registry:
    """Who is registered, and what they are waited for.

    Args:
        external: Names of the files that are started beside the runtime.
        identifiers: Makes UUIDs.

    Attributes:
        registered: Resolves once every external one has registered: the runtime may start.
        ready: Resolves once registration is over and all have asked for their first event.
        broken: Resolves to the first failure.
    """

    def __init__(self, external: Sequence[str], identifiers: Callable[[], str]) -> None:
        loop = asyncio.get_running_loop()
        self.registered: asyncio.Future[None] = loop.create_future()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.broken: asyncio.Future[Fault] = loop.create_future()
        self._identifiers = identifiers
        self._extensions = {name: Extension(name, identifiers(), is_external=True) for name in external}
        self._is_open = True
        self._done: asyncio.Future[None] | None = None
        self._settle()

    def __iter__(self) -> Iterator[Extension]:
        return iter(self._extensions.values())

    def __len__(self) -> int:
        return len(self._extensions)

    @property
    def has_external(self) -> bool:
        """Whether processes run beside the runtime."""
        return any(extension.is_external for extension in self)

    @property
    def is_open(self) -> bool:
        """Whether internal ones may still register: until the runtime asks for its first event."""
        return self._is_open

    def named(self, name: str) -> Extension | None:
        """Return the one of that name."""
        return self._extensions.get(name)

    def identified(self, identifier: str) -> Extension | None:
        """Return the one with that identifier, if it has registered."""
        return next((one for one in self if one.identifier == identifier and one.state != "Started"), None)

    def add_internal(self, name: str) -> Extension:
        """Make an internal one."""
        extension = self._extensions[name] = Extension(name, self._identifiers(), is_external=False)
        return extension

    def register(self, extension: Extension, events: Sequence[str]) -> None:
        """Note what an extension wants to hear of."""
        extension.state, extension.events = "Registered", tuple(dict.fromkeys(events))
        self._settle()

    def close(self) -> None:
        """The runtime is initialized: nobody registers any more."""
        self._is_open = False
        self._settle()

    def ask(self, extension: Extension, connection: object, deliver: Deliver) -> None:
        """Let an extension wait for its next event."""
        extension.state, extension.connection, extension.deliver = "Ready", connection, deliver
        if extension.event is not None:
            extension.send(extension.event)
        self._settle()

    def lost(self, connection: object) -> None:
        """Forget a connection: what comes waits until its extension asks anew."""
        for extension in self:
            if extension.connection is connection:
                extension.connection = extension.deliver = None

    def invoke(self, event: Callable[[], Reply]) -> asyncio.Future[None] | None:
        """Tell those who want to hear of invocations; None where nobody does.

        Args:
            event: Makes one.

        Returns:
            What resolves once all of them have asked for their next event.
        """
        told = [extension for extension in self if "INVOKE" in extension.events]
        if not told:
            return None
        self._done = asyncio.get_running_loop().create_future()
        for extension in told:
            extension.state = "Running"
            extension.send(event())
        return self._done

    def shut_down(self, event: Callable[[], Reply]) -> list[str]:
        """Tell those who want to hear of the end; return the names of the external ones that do not."""
        unaware: list[str] = []
        for extension in self:
            if "SHUTDOWN" in extension.events and extension.state not in _FAILED:
                extension.send(event())
            elif extension.is_external:
                unaware.append(extension.name)
        return unaware

    def fail(self, extension: Extension, state: State, error_type: str, fault: Fault) -> None:
        """Note that an extension failed.

        Args:
            error_type: What its line in the log says.
            fault: What the environment fails with, where it is the first.
        """
        extension.state, extension.error_type = state, error_type
        self.break_with(fault)

    def break_with(self, fault: Fault) -> None:
        """Note a failure, if it is the first."""
        if not self.broken.done():
            self.broken.set_result(fault)

    def _settle(self) -> None:
        """Resolve what is no longer waited for."""
        states = [extension.state for extension in self]
        if not self.registered.done() and "Started" not in states:
            self.registered.set_result(None)
        if set(states) <= {"Ready"} and not self._is_open and not self.ready.done():
            self.ready.set_result(None)
        told_are_ready = all(one.state == "Ready" for one in self if "INVOKE" in one.events)
        if self._done is not None and told_are_ready and not self._done.done():
            self._done.set_result(None)
