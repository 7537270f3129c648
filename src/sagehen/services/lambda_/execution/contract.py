"""The contract between dispatch (who may run, and where) and execution environments (what runs)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.execution.response_stream import ResponseStream

InitializationType = Literal["on-demand", "provisioned-concurrency"]


@dataclass(frozen=True, slots=True)
class FunctionImage:
    """The container image that a function is.

    Args:
        uri: By its digest.
        entrypoint, command, working_directory: Of ImageConfig; empty where the image's own holds.
    """

    uri: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_directory: str = ""


@dataclass(frozen=True, slots=True)
class FunctionVersion:
    """An immutable snapshot of code and configuration: all that an environment needs to start.

    Args:
        scope: Account and region.
        function_name: Without qualifier.
        version: `$LATEST` or a number.
        revision: Changes with every update of code or configuration: environments of an older
            revision take no new invocations.
        arn: Unqualified function ARN.
        role_arn: Its role.
        runtime: Such as `python3.11`, `nodejs20.x`, `provided.al2023`.
        handler: As configured.
        code_folder: The unpacked package, read-only, shared by all environments of the revision.
        layer_folders: Unpacked layers in order of merging.
        environment: The user's variables.
        memory_mib, timeout_s, ephemeral_storage_mib: As configured.
        log_group: Where its lines go.
        log_format: `Text` or `JSON`.
        application_log_level, system_log_level: From which level on lines are kept; for JSON alone.
        internet: Whether it reaches other hosts than AWS's.
        image: What it is instead of a package and a runtime, which mean nothing then.
    """

    scope: Scope
    function_name: str
    version: str
    revision: str
    arn: str
    role_arn: str
    runtime: str
    handler: str
    code_folder: Path
    layer_folders: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mib: int = 128
    timeout_s: int = 3
    ephemeral_storage_mib: int = 512
    log_group: str = ""
    log_format: str = "Text"
    application_log_level: str = "INFO"
    system_log_level: str = "INFO"
    internet: bool = True
    image: FunctionImage | None = None


def session_name(function_name: str) -> str:
    """Return what a function's role session is called; one letter alone would be too short (recorded)."""
    # RoleSessionName has two characters at least (documented: AssumeRole).
    return function_name if len(function_name) > 1 else f"{function_name}@lambda_function"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event for one environment.

    Args:
        stream: Where an answer goes that comes in pieces; None: the outcome holds every answer.
        on_answer: Told the answer where extensions are still at work after it: an outcome without what only
            the end tells.
    """

    request_id: str
    payload: bytes
    invoked_arn: str
    client_context: str | None = None
    trace_id: str | None = None
    stream: ResponseStream | None = None
    on_answer: Callable[[Outcome], None] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended.

    Args:
        payload: The answer, or the error document (`errorMessage`, `errorType`, `stackTrace`); empty where
            the answer went to the invocation's stream.
        function_error: None, or `Unhandled`.
        duration_ms: Of the handler, without init.
        billed_ms: Rounded up, init included where AWS bills it.
        max_memory_mib: Peak of the environment.
        init_ms: Set on the first invocation of an environment (cold start).
        log_tail: The last 4 KiB of this invocation's log lines, START to REPORT.
        timed_out: It ran into the function's timeout.
        post_runtime_ms: How much longer than the function its extensions took; None where none were told.
    """

    payload: bytes
    function_error: str | None
    duration_ms: float
    billed_ms: int
    max_memory_mib: int
    init_ms: float | None = None
    log_tail: str = ""
    timed_out: bool = False
    post_runtime_ms: float | None = None


class Environment(Protocol):
    """One execution environment. It runs one invocation at a time."""

    @property
    def function(self) -> FunctionVersion: ...

    @property
    def log_stream(self) -> str: ...

    @property
    def is_usable(self) -> bool:
        """False once it ended or must not be reused."""
        ...

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Run one event. Init (where it has not happened yet) is part of it.

        Never raises for what the function does: crash, timeout and bad init are outcomes.
        """
        ...

    async def initialize(self) -> None:
        """Run init ahead of the first invocation (provisioned concurrency).

        Raises:
            EnvironmentFailed: Init failed; the message is AWS's.
        """
        ...

    async def init_over(self) -> None:
        """Return when INIT has ended, well or not. Takes nothing from the first invocation, and never
        raises: what became of it is told there."""
        ...

    async def shutdown(self) -> None:
        """SHUTDOWN phase: up to 2 s where extensions are registered, else at once; then SIGKILL."""
        ...


class EnvironmentFailed(Exception):
    """An environment could not be initialized."""


class Environments(Protocol):
    """Makes environments. Knows nothing of concurrency limits."""

    @property
    def closes_internet(self) -> bool:
        """Whether functions can be kept from other hosts."""
        ...

    async def start(self, function: FunctionVersion, kind: InitializationType) -> Environment:
        """Start a sandbox for this version; returns when the process was started, init not awaited.

        Raises:
            EnvironmentFailed: The runtime is not on this machine, or the role cannot be assumed.
        """
        ...

    def runtimes(self) -> Mapping[str, str]:
        """Return the runtimes that can run here -> the interpreter that runs them."""
        ...

    def runtime_version_arn(self, runtime: str, region: str) -> str | None:
        """Return the ARN of what a runtime is on this machine; None where there is no such runtime."""
        ...

    async def close(self) -> None:
        """End every environment that was started and is not ended yet."""
        ...
