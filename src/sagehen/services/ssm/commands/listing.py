"""ListCommands, ListCommandInvocations, GetCommandInvocation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.scope import Scope
from sagehen.services.ssm.commands.command import MOST_SHOWN, Command, Invocation, moment, state
from sagehen.services.ssm.commands.document import DOCUMENTS
from sagehen.services.ssm.commands.records import CommandRecords
from sagehen.services.ssm.errors import (
    InvalidCommandId,
    InvalidFilterKey,
    InvalidNextToken,
    InvalidPluginName,
    InvocationDoesNotExist,
)

_PAGE = 50


class CommandListings:
    """What commands there were.

    Args:
        records: Where they are.
    """

    def __init__(self, records: CommandRecords) -> None:
        self._records = records

    @operation("ListCommands")
    async def list_commands(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a page of commands, the latest first.

        Raises:
            InvalidCommandId, InvalidFilterKey, InvalidNextToken.
        """
        found = await asyncio.to_thread(self._commands, context.scope, request)
        page = paginate(
            found,
            key=lambda each: (each[0].requested_at, each[0].command_id),
            token=request.get("NextToken"),
            limit=request.get("MaxResults") or _PAGE,
            descending=True,
            listing="commands",
            error=InvalidNextToken,
        )
        return {
            "Commands": [command.shown(invocations) for command, invocations in page.items],
            "NextToken": page.next_token,
        }

    @operation("ListCommandInvocations")
    async def list_command_invocations(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a page of commands on single machines, the latest first.

        Raises:
            InvalidCommandId, InvalidFilterKey, InvalidNextToken.
        """
        found = await asyncio.to_thread(self._invocations, context.scope, request)
        page = paginate(
            found,
            key=lambda pair: (pair[1].requested_at, pair[1].command_id, pair[1].instance_id),
            token=request.get("NextToken"),
            limit=request.get("MaxResults") or _PAGE,
            descending=True,
            listing="invocations",
            error=InvalidNextToken,
        )
        shown = [_shown(command, each, bool(request.get("Details"))) for command, each in page.items]
        return {"CommandInvocations": shown, "NextToken": page.next_token}

    @operation("GetCommandInvocation")
    async def get_command_invocation(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return what a command did on one machine, with its output.

        Raises:
            InvalidPluginName, InvocationDoesNotExist.
        """
        command = self._records.command(context.scope, request["CommandId"])
        found = self._records.invocation(context.scope, request["CommandId"], request["InstanceId"])
        if command is None or found is None:
            raise InvocationDoesNotExist
        plugin = DOCUMENTS[command.document].plugin
        if (request.get("PluginName") or plugin) != plugin:
            raise InvalidPluginName
        return {
            "CommandId": command.command_id,
            "InstanceId": found.instance_id,
            "Comment": command.comment,
            "DocumentName": command.document,
            "DocumentVersion": "$DEFAULT",
            "PluginName": plugin,
            "ResponseCode": found.code,
            "ExecutionStartDateTime": _text(found.started_at),
            "ExecutionElapsedTime": _elapsed(found),
            "ExecutionEndDateTime": _text(found.ended_at) if found.started_at else "",
            "Status": found.status,
            "StatusDetails": found.details,
            "StandardOutputContent": found.output,
            "StandardOutputUrl": "",
            "StandardErrorContent": found.error,
            "StandardErrorUrl": "",
            "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
        }

    def _commands(self, scope: Scope, request: Request) -> list[tuple[Command, list[Invocation]]]:
        instance_id, found = request.get("InstanceId"), []
        for command in self._asked(scope, request):
            invocations = self._records.invocations(scope, command.command_id)
            if instance_id and all(each.instance_id != instance_id for each in invocations):
                continue
            if _passes(request, command, state(command, invocations)[0]):
                found.append((command, invocations))
        return found

    def _invocations(self, scope: Scope, request: Request) -> list[tuple[Command, Invocation]]:
        instance_id = request.get("InstanceId")
        return [
            (command, each)
            for command in self._asked(scope, request)
            for each in reversed(self._records.invocations(scope, command.command_id))
            if (not instance_id or each.instance_id == instance_id) and _passes(request, command, each.status)
        ]

    def _asked(self, scope: Scope, request: Request) -> Iterator[Command]:
        if command_id := request.get("CommandId"):
            command = self._records.command(scope, command_id)
            if command is None:
                raise InvalidCommandId
            yield command
        else:
            yield from self._records.commands(scope)


def _passes(request: Request, command: Command, status: str) -> bool:
    """Tell whether all filters let it through.

    Raises:
        InvalidFilterKey: A filter that is not here, or a value that is no time.
    """
    tests: Mapping[str, Callable[[str], bool]] = {
        "InvokedAfter": lambda value: command.requested_at > _time(value),
        "InvokedBefore": lambda value: command.requested_at < _time(value),
        "Status": lambda value: status == value,
        "DocumentName": lambda value: command.document == value,
    }
    for item in request.get("Filters") or ():
        if item["key"] not in tests:
            raise InvalidFilterKey(f"Filter {item['key']} is not here.")
        if not tests[item["key"]](item["value"]):
            return False
    return True


def _time(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise InvalidFilterKey("A time is written as 2021-07-07T00:00:00Z.") from None


def _shown(command: Command, invocation: Invocation, details: bool) -> dict[str, Any]:
    # As AWS joins the two, from memory.
    error = f"\n----------ERROR-------\n{invocation.error}" if invocation.error else ""
    plugin = {
        "Name": DOCUMENTS[command.document].plugin,
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "ResponseCode": invocation.code,
        "ResponseStartDateTime": moment(invocation.started_at) if invocation.started_at else None,
        "ResponseFinishDateTime": moment(invocation.ended_at) if invocation.ended_at else None,
        "Output": (invocation.output + error)[:MOST_SHOWN],
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "OutputS3BucketName": "",
        "OutputS3KeyPrefix": "",
    }
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation.instance_id,
        "InstanceName": invocation.host_name,
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "RequestedDateTime": moment(invocation.requested_at),
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "CommandPlugins": [plugin] if details else [],
        "ServiceRole": "",
        "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    }


def _text(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds * 1000) % 1000:03d}Z"


def _elapsed(invocation: Invocation) -> str:
    if invocation.started_at is None or invocation.ended_at is None:
        return ""
    return f"PT{max(invocation.ended_at - invocation.started_at, 0):.3f}S"
