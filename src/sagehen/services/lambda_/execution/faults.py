"""How an environment fails, in the words of AWS."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass

from sagehen.executors.base import ExitStatus
from sagehen.services.lambda_.payloads import small_document

# As Go's syscall package names them: Lambda's supervisor is written in Go.
_SIGNALS = {
    signal.SIGHUP: "hangup",
    signal.SIGINT: "interrupt",
    signal.SIGQUIT: "quit",
    signal.SIGILL: "illegal instruction",
    signal.SIGTRAP: "trace/breakpoint trap",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGKILL: "killed",
    signal.SIGUSR1: "user defined signal 1",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGUSR2: "user defined signal 2",
    signal.SIGPIPE: "broken pipe",
    signal.SIGALRM: "alarm clock",
    signal.SIGTERM: "terminated",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure.

    Args:
        status: `error` or `timeout`, as the REPORT and INIT_REPORT lines have it.
        error_type: Such as `Runtime.ExitError`; what the error document says.
        message: Without the request id; None where `document` tells all.
        document: The runtime's own error document, or None.
        reported_type: What the lines say where that differs from `error_type`.
    """

    status: str
    error_type: str
    message: str | None = None
    document: bytes | None = None
    reported_type: str | None = None

    def payload(self, request_id: str) -> bytes:
        """Return the error document of an invocation."""
        if self.document is not None:
            return _with_request_id(self.document, request_id)
        said = {
            "errorType": self.error_type,
            "errorMessage": f"RequestId: {request_id} Error: {self.message}",
        }
        return json.dumps(said, separators=(",", ":")).encode()

    @property
    def type_in_lines(self) -> str:
        return self.reported_type or self.error_type


def timed_out(after_s: float) -> Fault:
    """Return the fault of an invocation that ran into its function's timeout (recorded)."""
    return Fault("timeout", "Sandbox.Timedout", f"Task timed out after {after_s:.2f} seconds")


def ended(status: ExitStatus, *, over_memory: bool = False) -> Fault:
    """Return the fault of a runtime whose process is gone."""
    if over_memory or status.out_of_memory:
        message = "Runtime exited with error: signal: killed"
        return Fault("error", "Runtime.ExitError", message, reported_type="Runtime.OutOfMemory")
    if how := _ending(status):
        return Fault("error", "Runtime.ExitError", f"Runtime exited with error: {how}")
    return Fault("error", "Runtime.ExitError", "Runtime exited without providing a reason")


def _ending(status: ExitStatus) -> str:
    """Return how Go tells the end of a process; nothing where it just ended."""
    if status.signal is not None:
        known = status.signal in signal.Signals._value2member_map_
        name = _SIGNALS.get(signal.Signals(status.signal)) if known else None
        return f"signal: {name or f'signal {status.signal}'}"
    return f"exit status {status.code}" if status.code else ""


def extension_crashed(status: ExitStatus) -> Fault:
    """Return the fault of an extension whose process is gone, in the words of AWS's supervisor."""
    return Fault("error", "Extension.Crash", _ending(status) or "exit code 0")


def too_many_extensions(most: int) -> Fault:
    """Return the fault of a function whose layers bring more extensions than AWS starts."""
    return Fault("error", "Extension.LaunchError", f"Extension limit ({most}) reached")


def too_large(limit_bytes: int) -> Fault:
    """Return the fault of an answer that is larger than AWS takes: a document of the service's own.

    In the words that AWS's runtimes expect in their own tests.
    """
    document = {
        "errorMessage": f"Response payload size exceeded maximum allowed payload size ({limit_bytes} bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    return Fault("error", "Function.ResponseSizeTooLarge", document=json.dumps(document).encode())


def broken_answer(limit_bytes: int, *, truncated: bool) -> Fault | None:
    """Return the fault of an answer that was larger than so many bytes, or broke off; None for all others."""
    if truncated:  # a streamed one, whose connection ended before it did (from memory)
        return Fault("error", "Runtime.TruncatedResponse", "The response broke off before its end")
    return too_large(limit_bytes) if limit_bytes else None


def no_bootstrap() -> Fault:
    """Return the fault of a `provided` runtime whose package and layers bring no bootstrap.

    Documented: Lambda Developer Guide, "Troubleshoot invocation issues in Lambda".
    """
    message = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    return Fault("error", "Runtime.InvalidEntrypoint", message)


def _with_request_id(document: bytes, request_id: str) -> bytes:
    """Fill in the id that a runtime cannot know while it initializes."""
    content = small_document(document)
    if content.get("requestId") == "":
        content["requestId"] = request_id
        # Half of a surrogate pair stays the escape that it came as.
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return document
