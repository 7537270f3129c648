"""The group that a request is about."""

from __future__ import annotations

from sagehen.api.operation import Request
from sagehen.domain.scope import Scope
from sagehen.services.logs.access import group_name
from sagehen.services.logs.errors import InvalidParameterException, ValidationException, no_such_group
from sagehen.services.logs.groups.records import Group, GroupRecords


def requested_group(records: GroupRecords, scope: Scope, request: Request) -> Group:
    """Return the group that `logGroupName` or `logGroupIdentifier` names; exactly one must be there."""
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if name and identifier:  # recorded, code and text
        raise ValidationException("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
    if not name and not identifier:
        raise InvalidParameterException(
            "Exactly one of logGroupName and logGroupIdentifier must be specified."
        )
    group = records.group(scope, name or group_name(identifier or ""))
    if group is None:
        raise no_such_group()
    return group
