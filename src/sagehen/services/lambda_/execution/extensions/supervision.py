"""What the first process of a sandbox with extensions (inside/supervisor.py) tells, and is told."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from sagehen.executors.base import ExitStatus
from sagehen.services.lambda_.execution import faults
from sagehen.services.lambda_.execution.extensions.files import readable
from sagehen.services.lambda_.execution.extensions.registry import Deliver, Registry
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.replies import Reply, refused

_DONE = Reply(200)
# From memory: what the line of an extension that could not be started says for the kernel's reason.
_LAUNCH_ERRORS = {errno.EACCES: "PermissionDenied"}


class Supervision:
    """Answers the supervisor. What it says is of its own sandbox: a forged word harms nobody else.

    Args:
        registry: Of the extensions that it started.
        on_end: Told how the runtime's process ended.
    """

    def __init__(self, registry: Registry, on_end: Callable[[ExitStatus], None]) -> None:
        self._registry = registry
        self._on_end = on_end
        self._shutdown_event: Callable[[], Reply] | None = None
        self._is_waited_for = False

    def begin_shutdown(self, event: Callable[[], Reply]) -> None:
        """Have extensions told of the end once the runtime is over; `event` makes what they are told."""
        self._shutdown_event = event

    def asked(self, what: str, body: bytes, deliver: Deliver) -> Reply | None:
        """Return the answer, or None where it comes later, by `deliver`."""
        if what == "GET runtime":
            if self._is_waited_for:  # the supervisor asks once; others could ask without end
                return refused("InvalidRequestFormat", "It is waited for already", 400)
            self._is_waited_for = True
            self._registry.registered.add_done_callback(lambda _: deliver(_DONE))
            return None
        if what == "GET shutdown" and self._shutdown_event is not None:
            unaware = self._registry.shut_down(self._shutdown_event)
            return Reply(200, "\n".join(unaware).encode("utf-8", "surrogateescape"))
        name, _, number = body[:1024].decode("utf-8", "surrogateescape").rpartition("\n")
        try:
            told = int(number)
        except ValueError:
            return refused("InvalidRequestFormat", "No number", 400)
        if what == "POST ended":
            self._ended(name, told)
        elif what == "POST refused":
            self._refused(name, told)
        else:
            return refused("NotFound", "No such path", 404)
        return _DONE

    def _ended(self, name: str, code: int) -> None:
        status = ExitStatus(128 - code, -code) if code < 0 else ExitStatus(code)
        if not name:
            self._on_end(status)
            return
        extension = self._registry.named(name)
        if extension is None or self._shutdown_event is not None:
            return
        # One that has told of its error ends by itself.
        if extension.error_type is None:
            self._registry.fail(extension, "Exited", "Extension.Crash", faults.extension_crashed(status))

    def _refused(self, name: str, number: int) -> None:
        """Note what could not be started, in the words of Go, in which AWS's supervisor is written."""
        reason = os.strerror(number).lower() if 0 < number < 4096 else "unknown"
        if not name:
            self._registry.break_with(Fault("error", "Runtime.InvalidEntrypoint", reason))
            return
        extension = self._registry.named(name)
        if extension is not None:
            message = f"fork/exec /opt/extensions/{readable(name)}: {reason}"
            fault = Fault("error", "Extension.LaunchError", message)
            self._registry.fail(extension, "LaunchError", _LAUNCH_ERRORS.get(number, "UnknownError"), fault)
