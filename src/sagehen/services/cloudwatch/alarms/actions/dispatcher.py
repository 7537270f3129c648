"""AlarmActionDispatcher: does what alarms ask for on a transition, and writes down how it went.

What is to be done was stored with the transition, so that a transition acts even if the platform
dies in between: at least once, as on AWS.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.background import Background
from sagehen.domain.clock import Clock, wait_for
from sagehen.domain.identity import service_principal
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.observing.alarms import AlarmActions
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudwatch.alarms.actions.kinds import is_function, is_machine_action
from sagehen.services.cloudwatch.alarms.actions.pending import PendingAction, action_done
from sagehen.services.cloudwatch.alarms.actions.records import AlarmActionRecords
from sagehen.services.cloudwatch.alarms.actions.retry import pause_after
from sagehen.services.cloudwatch.alarms.alarm import alarm_arn
from sagehen.services.cloudwatch.alarms.notation import milliseconds

_log = logging.getLogger(__name__)

# Documented: User Guide, "Lambda function actions": who a function's resource policy must allow.
_LAMBDA_PRINCIPAL = service_principal("lambda.alarms.cloudwatch.amazonaws.com")
# From memory: AWS's wording where no policy allows it.
_UNAUTHORIZED = (
    "CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction on the resource because"
    " no resource-based policy allows the lambda:InvokeFunction action"
)
# Rows of actions read at a time.
_AT_ONCE = 100
# How long after a failure to read or write what is pending it is looked at again.
_PAUSE_AFTER_FAILURE_S = 60
# Real time: whatever hangs must not hold up other alarms' actions.
_PATIENCE_S = 30


class AlarmActionDispatcher:
    """Does pending actions in the order in which they arose.

    Attributes:
        functions: Lambda; None until it is wired.
        scaling: Application Auto Scaling; None until it is wired.
        machines: EC2; None until it is wired.
    """

    def __init__(self, records: AlarmActionRecords, clock: Clock) -> None:
        self.functions: FunctionInvoker | None = None
        self.scaling: AlarmActions | None = None
        self.machines: AlarmActions | None = None
        self._records = records
        self._clock = clock
        self._woken = asyncio.Event()
        self._worker = Background("cloudwatch-alarm-actions", self._run)

    def wake(self) -> None:
        """Say that there is something to do."""
        self._woken.set()

    def start(self) -> None:
        """Begin with what an earlier life left."""
        self._worker.start()

    async def stop(self) -> None:
        """End; an action under way stays on record and is done again: at least once."""
        await self._worker.stop()

    async def repeat(self, actions: Sequence[PendingAction]) -> None:
        """Do actions that a lasting state repeats each minute; the next minute is their retry."""
        for action in actions:
            try:
                await self._do(action)
            except Exception as error:
                _log.warning(
                    "repeating action %s of alarm %s failed: %s", action.action_arn, action.name, error
                )

    async def do_pending(self) -> float | None:
        """Do everything that is due; return in how many seconds the next is, None where nothing waits."""
        while True:
            pending = self._records.pending(_AT_ONCE)
            now_ms = milliseconds(self._clock.now())
            due = [action for action in pending if action.due_ms <= now_ms]
            if not due:
                return (pending[0].due_ms - now_ms) / 1000 if pending else None
            for action in due:
                await self._attempt(action)

    async def _attempt(self, action: PendingAction) -> None:
        error: str | None = None
        try:
            await self._do(action)
        except Exception as failure:
            pause_s = pause_after(failure, action.attempts)
            if pause_s is not None:
                due_ms = milliseconds(self._clock.now()) + pause_s * 1000
                _log.warning(
                    "action %s of alarm %s is tried again: %r", action.action_arn, action.name, failure
                )
                await self._records.postpone(action, due_ms)
                return
            denied = isinstance(failure, AccessDenied)
            error = _UNAUTHORIZED if denied else str(failure) or type(failure).__name__
        now_ms = milliseconds(self._clock.now())
        await self._records.finish(action, action_done(action, now_ms, error))

    async def _do(self, action: PendingAction) -> None:
        async with timeout(_PATIENCE_S):
            if is_function(action.action_arn):
                if self.functions is None:
                    raise ServiceError("Lambda is not running.")
                arn = alarm_arn(action.scope, action.name)
                environment = {"aws:SourceArn": arn, "aws:SourceAccount": action.scope.account_id}
                await self.functions.invoke_async(
                    _LAMBDA_PRINCIPAL, action.action_arn, action.event.encode(), environment
                )
            elif is_machine_action(action.action_arn):
                if self.machines is None:
                    raise ServiceError("EC2 runs no machines.")
                await self.machines.alarm_action(action.scope, action.action_arn, json.loads(action.event))
            elif self.scaling is not None:
                await self.scaling.alarm_action(action.scope, action.action_arn, json.loads(action.event))
            else:
                raise ServiceError("Application Auto Scaling is not running.")

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            pause_s: float | None = _PAUSE_AFTER_FAILURE_S
            try:
                pause_s = await self.do_pending()
            except Exception:
                _log.exception("doing alarms' actions failed; they are kept and tried again")
            await wait_for(self._woken, self._clock, pause_s)
