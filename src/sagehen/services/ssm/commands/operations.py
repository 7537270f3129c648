"""SendCommand, CancelCommand.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.machines import Machines
from sagehen.domain.scope import Scope
from sagehen.services.ssm.commands.command import Command, Invocation
from sagehen.services.ssm.commands.document import document, script
from sagehen.services.ssm.commands.records import CommandRecords
from sagehen.services.ssm.commands.running import Runner
from sagehen.services.ssm.commands.targets import chosen
from sagehen.services.ssm.errors import (
    DuplicateInstanceId,
    InvalidCommandId,
    InvalidInstanceId,
    ThrottlingException,
)

_DELIVERY_S = 3600
# What is asked for in them would not be done.
_WITHOUT = (
    *("OutputS3BucketName", "OutputS3KeyPrefix", "OutputS3Region", "ServiceRoleArn", "NotificationConfig"),
    *("CloudWatchOutputConfig", "AlarmConfiguration", "DocumentHash", "DocumentHashType"),
)


def on_send(_: object, context: RequestContext, request: Request) -> Iterator[Access]:
    """The document, which is AWS's, and every instance; of targets any."""
    name = str(request["DocumentName"]).rpartition("document/")[2]
    owner = Scope("", context.scope.region) if name.startswith("AWS-") else context.scope
    yield Access("ssm:SendCommand", owner.arn("ssm", f"document/{name}"))
    for instance_id in request.get("InstanceIds") or ["*"]:
        yield Access("ssm:SendCommand", context.scope.arn("ec2", f"instance/{instance_id}"))


class Commands:
    """Scripts on machines.

    Args:
        records: Where they are.
        runner: Runs them.
        machines: What runs.
        clock, ids: Date and name them.
    """

    def __init__(
        self, records: CommandRecords, runner: Runner, machines: Machines, clock: Clock, ids: Ids
    ) -> None:
        self._records = records
        self._runner = runner
        self._machines = machines
        self._clock = clock
        self._ids = ids

    @operation("SendCommand", access=on_send)
    async def send_command(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Run a script on machines; returns at once.

        Raises:
            DuplicateInstanceId, InvalidDocument, InvalidDocumentVersion, InvalidInstanceId,
            InvalidParameters, ValidationException. ThrottlingException: A thousand wait already.
            NotImplementedOperation: Other documents of AWS's; output to S3 and CloudWatch,
                notifications, alarms.
        """
        if asked := next((name for name in _WITHOUT if request.get(name)), None):
            raise NotImplementedOperation(f"Sagehen does not implement {asked} of SendCommand.")
        wanted = document(request["DocumentName"], request.get("DocumentVersion"))
        parameters = {name: list(values) for name, values in (request.get("Parameters") or {}).items()}
        runs = script(parameters)
        ids, targets = request.get("InstanceIds") or [], request.get("Targets") or []
        found = chosen(self._machines.all(context.scope), ids, targets)
        if not self._runner.has_room_for(len(found)):
            raise ThrottlingException("Rate exceeded")
        now = self._clock.now().timestamp()
        command = Command(
            command_id=self._ids.uuid(),
            document=wanted.name,
            parameters=parameters,
            instance_ids=list(ids),
            targets=[{"Key": each.get("Key"), "Values": list(each.get("Values") or ())} for each in targets],
            comment=request.get("Comment") or "",
            requested_at=now,
            timeout_s=request.get("TimeoutSeconds") or _DELIVERY_S,
            max_concurrency=request.get("MaxConcurrency") or "50",
            max_errors=request.get("MaxErrors") or "0",
        )
        invocations = [
            Invocation(
                command_id=command.command_id,
                instance_id=each.instance_id,
                host_name=each.host_name,
                requested_at=now,
            )
            for each in found
        ]
        await self._records.add(context.scope, command, invocations)
        self._runner.begin(context.scope, command, wanted, runs, invocations)
        return {"Command": command.shown(invocations)}

    @operation("CancelCommand")
    async def cancel_command(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """End a command, on all of its machines or on some. What has ended stays as it is.

        Raises:
            DuplicateInstanceId, InvalidCommandId, InvalidInstanceId.
        """
        scope, wanted = context.scope, request.get("InstanceIds") or []
        command = self._records.command(scope, request["CommandId"])
        if command is None:
            raise InvalidCommandId
        known = [each.instance_id for each in self._records.invocations(scope, command.command_id)]
        if len(set(wanted)) != len(wanted):
            raise DuplicateInstanceId("An instance is named twice.")
        if absent := sorted(set(wanted) - set(known)):
            raise InvalidInstanceId(f"The command did not go to {absent[0]}.")
        if not wanted:
            await self._records.put(scope, replace(command, asked_to_cancel=True))
        self._runner.cancel(scope, command.command_id, wanted or known)
        return {}
