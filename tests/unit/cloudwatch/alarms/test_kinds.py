"""Which actions are accepted, and what becomes of those that fail."""

from __future__ import annotations

import pytest

from sagehen.api.errors import InternalFailure, NotImplementedOperation, ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.services.cloudwatch.alarms.actions.kinds import check_actions, is_function, is_scaling_policy
from sagehen.services.cloudwatch.alarms.actions.retry import pause_after
from sagehen.services.cloudwatch.errors import ValidationError
from tests.unit.cloudwatch.calls import FUNCTION, POLICY

ARN = "arn:aws:{}:us-east-1:111122223333:{}"
KINDS = [
    (FUNCTION, True, False),
    (f"{FUNCTION}:live", True, False),
    (POLICY, False, True),
    (ARN.format("autoscaling", "scalingPolicy:1:autoScalingGroupName/g:policyName/p"), False, False),
    (ARN.format("sns", "topic"), False, False),
    (ARN.format("ssm", "opsitem:3"), False, False),
    ("arn:aws:automate:us-east-1:ec2:stop", False, False),
]


@pytest.mark.parametrize(("arn", "function", "policy"), KINDS)
def test_kinds(arn: str, function: bool, policy: bool) -> None:
    assert (is_function(arn), is_scaling_policy(arn)) == (function, policy)
    for member in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for functions, scaling in ((False, False), (True, False), (False, True), (True, True)):
            accepted = (function and functions) or (policy and scaling)
            request = {member: [arn]}
            if accepted:
                check_actions("PutMetricAlarm", request, functions=functions, scaling=scaling)
                continue
            with pytest.raises(NotImplementedOperation, match=f"PutMetricAlarm: the action {arn} is"):
                check_actions("PutMetricAlarm", request, functions=functions, scaling=scaling)


def test_what_is_no_arn() -> None:
    with pytest.raises(ValidationError, match="Invalid arn syntax: mail me"):
        check_actions("PutMetricAlarm", {"OKActions": ["mail me"]}, functions=True, scaling=True)


class TooManyRequestsException(ServiceError):
    """Lambda's throttle."""


class Throttled(ServiceError):
    """A throttle by its status alone."""

    status = 429


class NoSuchPolicy(ServiceError):
    """A refusal of the request itself."""


@pytest.mark.parametrize(
    ("failure", "tried_again"),
    [
        (AccessDenied("no"), False),
        (NoSuchPolicy("no"), False),
        (TooManyRequestsException("slow down"), True),
        (Throttled("slow down"), True),
        (InternalFailure("?"), True),
        (TimeoutError(), True),
        (OSError("disk"), True),
    ],
)
def test_what_is_tried_again(failure: Exception, tried_again: bool) -> None:
    assert pause_after(failure, 0) == (1 if tried_again else None)


@pytest.mark.parametrize(
    ("attempts", "pause_s"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (68, 60), (69, None), (10_000, None)]
)
def test_pauses(attempts: int, pause_s: int | None) -> None:
    assert pause_after(OSError(), attempts) == pause_s


def test_acts_on_machines_need_a_machines_metric() -> None:
    stop = {"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}
    of_machine = {**stop, "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}]}
    check_actions("PutMetricAlarm", of_machine, functions=True, scaling=True, machines=True)
    with pytest.raises(ValidationError):
        check_actions("PutMetricAlarm", stop, functions=True, scaling=True, machines=True)
    with pytest.raises(NotImplementedOperation):
        check_actions("PutMetricAlarm", of_machine, functions=True, scaling=True)
