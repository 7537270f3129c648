"""Command and Invocation, and what the state of the one follows from that of the others: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

PENDING, IN_PROGRESS, SUCCESS, FAILED = "Pending", "InProgress", "Success", "Failed"
TIMED_OUT, CANCELLED, CANCELLING = "TimedOut", "Cancelled", "Cancelling"
ENDED = frozenset({SUCCESS, FAILED, TIMED_OUT, CANCELLED})
# Documented: of each stream, in GetCommandInvocation; and in ListCommandInvocations.
MOST_OUTPUT, MOST_SHOWN = 24_000, 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What was asked for; times are seconds since the epoch."""

    command_id: str
    document: str
    parameters: dict[str, list[str]]
    instance_ids: list[str]
    targets: list[dict[str, Any]]
    comment: str
    requested_at: float
    timeout_s: int
    max_concurrency: str
    max_errors: str
    asked_to_cancel: bool = False

    def shown(self, invocations: Sequence[Invocation]) -> dict[str, Any]:
        """Return it as AWS shows it."""
        status, details = state(self, invocations)
        requested = moment(self.requested_at)
        return {
            "CommandId": self.command_id,
            "DocumentName": self.document,
            "DocumentVersion": "$DEFAULT",
            "Comment": self.comment,
            # From memory: when nothing more is delivered or runs.
            "ExpiresAfter": requested + timedelta(seconds=self.timeout_s + _execution(self)),
            "Parameters": self.parameters,
            "InstanceIds": self.instance_ids,
            "Targets": self.targets,
            "RequestedDateTime": requested,
            "Status": status,
            "StatusDetails": details,
            "OutputS3BucketName": "",
            "OutputS3KeyPrefix": "",
            "MaxConcurrency": self.max_concurrency,
            "MaxErrors": self.max_errors,
            "TargetCount": len(invocations),
            "CompletedCount": sum(each.status in ENDED for each in invocations),
            "ErrorCount": sum(each.status in (FAILED, TIMED_OUT) for each in invocations),
            "DeliveryTimedOutCount": sum(each.details == "DeliveryTimedOut" for each in invocations),
            "ServiceRole": "",
            "NotificationConfig": {"NotificationArn": "", "NotificationEvents": [], "NotificationType": ""},
            "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
            "TimeoutSeconds": self.timeout_s,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A command on one machine; -1 is the response code of what has none."""

    command_id: str
    instance_id: str
    host_name: str
    requested_at: float
    status: str = PENDING
    details: str = PENDING
    code: int = -1
    started_at: float | None = None
    ended_at: float | None = None
    output: str = ""
    error: str = ""

    def began(self, at: float) -> Invocation:
        return replace(self, status=IN_PROGRESS, details=IN_PROGRESS, started_at=at)

    def over(
        self, status: str, details: str, at: float, code: int = -1, *, output: str = "", error: str = ""
    ) -> Invocation:
        return replace(
            self, status=status, details=details, ended_at=at, code=code, output=output, error=error
        )

    def interrupted(self, at: float) -> Invocation:
        """Return what becomes of it when the platform ended under it."""
        said = "Sagehen ended while this command ran; how far it came is not known.\n"
        return self.over(FAILED, FAILED, at, error=said)


def state(command: Command, invocations: Sequence[Invocation]) -> tuple[str, str]:
    """Return Status and StatusDetails of a command."""
    statuses = {each.status for each in invocations}
    if not invocations:
        return SUCCESS, "NoInstancesInTag"  # from memory
    if not statuses <= ENDED:
        if command.asked_to_cancel:
            return CANCELLING, CANCELLING
        return (PENDING, PENDING) if statuses == {PENDING} else (IN_PROGRESS, IN_PROGRESS)
    if statuses == {SUCCESS}:
        return SUCCESS, SUCCESS
    if command.asked_to_cancel and CANCELLED in statuses:
        return CANCELLED, CANCELLED
    wrong = [each for each in invocations if each.status in (FAILED, TIMED_OUT)]
    if len(wrong) <= most(command.max_errors, len(invocations)):
        return FAILED, "Incomplete"
    if all(each.status == TIMED_OUT for each in wrong):
        return TIMED_OUT, wrong[0].details
    return FAILED, FAILED


def most(text: str, of: int) -> int:
    """Return how many `10` or `10%` of some are; a percentage is rounded down."""
    if text.endswith("%"):
        return int(text[:-1]) * of // 100
    return int(text)


def moment(seconds: float) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def _execution(command: Command) -> int:
    values = command.parameters.get("executionTimeout")
    return int(values[0]) if values and values[0] else 3600


@dataclass(slots=True)
class Output:
    """The first characters of a stream; the rest is read and left out."""

    _kept: bytearray = field(default_factory=bytearray)

    def add(self, piece: bytes) -> None:
        room = MOST_OUTPUT * 4 - len(self._kept)  # UTF-8 has four bytes for a character at most
        self._kept += piece[: max(room, 0)]

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")[:MOST_OUTPUT]
