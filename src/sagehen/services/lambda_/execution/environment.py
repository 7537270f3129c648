"""One execution environment: INIT, then INVOKE after INVOKE, each in AWS's phases and words."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TypeVar

from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.execution import faults
from sagehen.services.lambda_.execution.contract import (
    EnvironmentFailed,
    FunctionVersion,
    InitializationType,
    Invocation,
    Outcome,
)
from sagehen.services.lambda_.execution.cure import cure, missing_module
from sagehen.services.lambda_.execution.extensions.events import Reason
from sagehen.services.lambda_.execution.extensions.files import readable
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.launching import CannotLaunch, Launching
from sagehen.services.lambda_.execution.log_stream import Ending, LogStream
from sagehen.services.lambda_.execution.runtime_api.answers import Answer
from sagehen.services.lambda_.execution.runtime_process import RuntimeProcess, TimedOut
from sagehen.services.lambda_.execution.runtimes import Runtime

# docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
# Documented: 10 s on demand; provisioned, the function's timeout or 130 s, whichever is longer.
_INIT_LIMIT_S = 10.0
_PROVISIONED_INIT_LIMIT_S = 130.0

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Init:
    """How the INIT phase went."""

    ms: float
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What came of one event.

    Args:
        duration_ms: Until the function and all its extensions were done.
        runtime_ms: Until the function was.
        with_extensions: Extensions heard of it.
        answer: The function's; there is one also where its extensions failed after it.
        fault: Why the environment's processes have to end.
    """

    duration_ms: float
    runtime_ms: float
    with_extensions: bool = False
    answer: Answer | None = None
    fault: Fault | None = None


class LocalEnvironment:
    """Implements `contract.Environment` with sandboxed processes of this machine.

    After a crash, a timeout or a failed init its processes are gone; the next invocation starts
    them anew within its own time, in the same environment and log stream. Unlike AWS's, its /tmp
    is then empty.

    Args:
        function: What it runs.
        runtime: By what.
        kind: Why it was started.
        credentials: Of the function's role.
        launching: Starts its processes.
        log: Its log stream.
        ids: Draws trace ids.
    """

    def __init__(
        self,
        function: FunctionVersion,
        runtime: Runtime,
        kind: InitializationType,
        credentials: Credentials,
        launching: Launching,
        log: LogStream,
        ids: Ids,
    ) -> None:
        self._function = function
        self._runtime = runtime
        self._kind: InitializationType = kind
        self._credentials = credentials
        self._launching = launching
        self._log = log
        self._ids = ids
        self._process: RuntimeProcess | None = None
        self._init: asyncio.Task[_Init] | None = None
        self._peak_mib = 0
        self._is_closed = False

    @property
    def function(self) -> FunctionVersion:
        return self._function

    @property
    def log_stream(self) -> str:
        return self._log.name

    @property
    def is_usable(self) -> bool:
        """Whether it may take another event: not once it is closed, or its role's session ends too soon."""
        return not self._is_closed and self._launching.outlasts(self._credentials, self._function)

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    async def start(self) -> None:
        """Start the sandbox and its INIT phase.

        Raises:
            EnvironmentFailed: This machine refuses the sandbox.
        """
        self._log.init_start(*self._runtime_told)
        provisioned = self._kind == "provisioned-concurrency"
        limit_s = max(_PROVISIONED_INIT_LIMIT_S, self._function.timeout_s) if provisioned else _INIT_LIMIT_S
        try:
            await self._launch()
        except CannotLaunch as refusal:
            fault = refusal.fault
            self._init = asyncio.create_task(self._refused(fault))
            return
        self._init = asyncio.create_task(self._run_init("init", limit_s), name=f"init {self._log.name}")

    async def initialize(self) -> None:
        """See `contract.Environment`."""
        if self._init is None:
            return
        init = await asyncio.shield(self._init)
        if init.fault is not None:
            raise EnvironmentFailed(init.fault.message or f"Init failed: {init.fault.error_type}")
        self._init = None

    async def init_over(self) -> None:
        """See `contract.Environment`."""
        if self._init is not None:
            await asyncio.wait({self._init})

    async def invoke(self, invocation: Invocation) -> Outcome:
        """See `contract.Environment`. What is left of the timeout after a second INIT is the handler's.

        It is over when the extensions that heard of the event are done with it, too (documented).
        """
        self._log.begin_tail()
        try:
            init_ms = await self._end_of_init()
            began, fault = time.perf_counter(), None
            budget_s = float(self._function.timeout_s)
            if self._process is None or self._process.has_ended:
                fault = await self._init_again(budget_s)
                budget_s -= time.perf_counter() - began
            self._log.start(invocation.request_id)
            if fault is None:
                turn = await self._take_turn(invocation, max(0.001, budget_s), began)
            else:
                turn = _Turn(_ms_since(began), 0.0, fault=fault)
            produced = None if turn.answer is None else len(turn.answer.payload)
            self._log.runtime_done(invocation.request_id, turn.runtime_ms, produced, turn.fault)
        except BaseException:
            # Cancelled half-way: whatever the function is doing, it must not do it to the next event.
            await self._discard()
            raise
        if turn.fault is not None:  # a runtime whose answer was too large ends as well
            await self._discard("timeout" if turn.fault.status == "timeout" else "failure")
        return self._outcome(invocation, turn, init_ms)

    async def shutdown(self) -> None:
        """See `contract.Environment`."""
        self._is_closed = True
        if self._init is not None:
            self._init.cancel()
            await asyncio.gather(self._init, return_exceptions=True)
            self._init = None
        await self._discard("spindown")
        self._log.flush()

    # --- INIT --------------------------------------------------------------------------------

    async def _launch(self) -> None:
        process = await self._launching.launch(
            self._function, self._runtime, self._kind, self._credentials, self._log
        )
        self._process = process

    async def _refused(self, fault: Fault) -> _Init:
        self._log.init_done(0.0, "init", fault)
        return _Init(0.0, fault)

    async def _run_init(self, phase: str, limit_s: float) -> _Init:
        process = self._process
        assert process is not None
        fault = await process.initialized(limit_s)
        for one in process.company.registry:
            self._log.extension(readable(one.name), one.state, one.events, one.error_type)
        ms = (asyncio.get_running_loop().time() - process.started_at) * 1000
        if fault is not None:
            await self._discard()
        self._log.init_done(ms, phase, fault)
        # On demand, an INIT that failed is repeated, and said once.
        if fault is not None and (phase == "invoke" or self._kind == "provisioned-concurrency"):
            await self._say_cure(fault.document or b"")
        return _Init(ms, fault)

    async def _say_cure(self, document: bytes) -> None:
        module = missing_module(document)
        if module is not None and (text := await asyncio.to_thread(cure, module, self._function)):
            self._log.note(text)

    async def _end_of_init(self) -> float | None:
        """Wait for the INIT phase where it is not over; return its ms where it just succeeded."""
        if self._init is None:
            return None
        init = await asyncio.shield(self._init)
        self._init = None
        return init.ms if init.fault is None else None

    async def _init_again(self, limit_s: float) -> Fault | None:
        """Repeat the init within an invocation ("suppressed init"), under the function's timeout."""
        await self._discard()
        self._log.init_start(*self._runtime_told, "invoke")
        try:
            if not self._launching.outlasts(self._credentials, self._function):
                self._credentials = await self._launching.credentials(self._function)
            await self._launch()
        except CannotLaunch as refusal:
            self._log.init_done(0.0, "invoke", refusal.fault)
            return refusal.fault
        except EnvironmentFailed as error:
            return Fault("error", "Sandbox.Failure", str(error))
        return (await self._run_init("invoke", limit_s)).fault

    @property
    def _runtime_told(self) -> tuple[str, str]:
        return self._runtime.version_line, self._runtime.version_arn(self._function.scope.region)

    async def _discard(self, reason: Reason = "failure") -> None:
        """End the processes, whatever they do; the environment itself stays.

        Args:
            reason: What extensions are told.
        """
        process, self._process = self._process, None
        if process is not None:
            process.deliver_output()
            await asyncio.shield(process.end(reason))
            self._peak_mib = max(self._peak_mib, process.peak_mib)

    # --- INVOKE ------------------------------------------------------------------------------

    async def _take_turn(self, invocation: Invocation, budget_s: float, began: float) -> _Turn:
        process = self._process
        assert process is not None
        # The function compares this with its own clock, which is the machine's.
        deadline_ms = int((time.time() + budget_s) * 1000)
        ends_at = time.perf_counter() + budget_s
        trace_id = invocation.trace_id or self._trace_id()
        extensions_done = process.company.invoke(invocation, deadline_ms, trace_id)
        answer = process.api.deliver(invocation, deadline_ms, trace_id)
        with process.memory_watched():
            result = await self._first(process, answer, budget_s)
            runtime_ms = _ms_since(began)
            if isinstance(result, Fault):
                return _Turn(runtime_ms, runtime_ms, extensions_done is not None, fault=result)
            process.deliver_output()
            fault = faults.broken_answer(result.too_large, truncated=result.truncated)
            if extensions_done is not None and fault is None:
                if invocation.on_answer is not None and not extensions_done.done():
                    invocation.on_answer(self._early(result, runtime_ms))
                after = await self._first(process, extensions_done, ends_at - time.perf_counter())
                fault = after if isinstance(after, Fault) else None
        duration_ms = _ms_since(began) if extensions_done is not None else runtime_ms
        await process.know_memory()
        kept = None if result.too_large or result.truncated else result
        if kept is not None and kept.error_type is not None:
            await self._say_cure(kept.payload)
        return _Turn(duration_ms, runtime_ms, extensions_done is not None, kept, fault)

    def _early(self, answer: Answer, runtime_ms: float) -> Outcome:
        """Return what is known while extensions are still at work."""
        return Outcome(
            payload=answer.payload,
            function_error=None if answer.error_type is None else "Unhandled",
            duration_ms=runtime_ms,
            billed_ms=max(1, math.ceil(runtime_ms)),
            max_memory_mib=self._peak_mib,
        )

    async def _first(
        self, process: RuntimeProcess, wanted: asyncio.Future[_Result], limit_s: float
    ) -> _Result | Fault:
        """As `RuntimeProcess.race`; the limit being over is a fault as well."""
        try:
            return await process.race(wanted, max(0.0, limit_s))
        except TimedOut:
            return faults.timed_out(self._function.timeout_s)

    def _outcome(self, invocation: Invocation, turn: _Turn, init_ms: float | None) -> Outcome:
        """Write the closing lines and return what the caller gets."""
        if self._process is not None:
            self._peak_mib = max(self._peak_mib, self._process.peak_mib)
        # Provisioned environments were initialized before anybody waited for them.
        init_ms = None if self._kind == "provisioned-concurrency" else init_ms
        billed_ms = max(1, math.ceil(turn.duration_ms + (init_ms or 0.0)))
        request_id = invocation.request_id
        if turn.fault is not None:
            self._log.fault(request_id, turn.fault)
        self._log.end(Ending(request_id, turn.duration_ms, billed_ms, self._peak_mib, init_ms, turn.fault))
        if turn.answer is not None:
            payload, is_error = turn.answer.payload, turn.answer.error_type is not None
        else:
            assert turn.fault is not None
            payload, is_error = turn.fault.payload(request_id), True
        return Outcome(
            payload=payload,
            function_error="Unhandled" if is_error else None,
            duration_ms=turn.duration_ms,
            billed_ms=billed_ms,
            max_memory_mib=self._peak_mib,
            init_ms=init_ms,
            log_tail=self._log.tail(),
            timed_out=turn.answer is None and turn.fault is not None and turn.fault.status == "timeout",
            post_runtime_ms=turn.duration_ms - turn.runtime_ms if turn.with_extensions else None,
        )

    def _trace_id(self) -> str:
        digits = self._ids.hex(40)
        return f"Root=1-{int(time.time()):08x}-{digits[:24]};Parent={digits[24:]};Sampled=0"


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
