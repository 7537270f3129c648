"""Which actions an alarm may have: functions, scaling policies, acts on machines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.arn import Arn
from sagehen.services.cloudwatch.errors import ValidationError

_MACHINE_ACTS = ("stop", "terminate", "reboot", "recover")


def is_function(arn: str) -> bool:
    """Tell whether an action is a Lambda function.

    Raises:
        ValidationError: It is no ARN.
    """
    return _parts(arn).service == "lambda"


def is_scaling_policy(arn: str) -> bool:
    """Tell whether an action is a policy of Application Auto Scaling.

    `arn:aws:autoscaling:r:a:scalingPolicy:UUID:resource/sagemaker/endpoint/e/variant/v:policyName/p`
    (documented: Application Auto Scaling API, PutScalingPolicy); EC2's policies have `autoScalingGroupName/…`
    where this has `resource/…`.

    Raises:
        ValidationError: It is no ARN.
    """
    parts = _parts(arn)
    return parts.service == "autoscaling" and ":resource/" in parts.resource


def is_machine_action(arn: str) -> bool:
    """Tell whether an action stops, terminates, reboots or recovers an EC2 instance.

    `arn:aws:automate:us-east-1:ec2:stop` (documented: API_PutMetricAlarm).

    Raises:
        ValidationError: It is no ARN.
    """
    parts = _parts(arn)
    return (parts.service, parts.account_id) == ("automate", "ec2") and parts.resource in _MACHINE_ACTS


def check_actions(
    operation: str,
    request: Mapping[str, Any],
    *,
    functions: bool,
    scaling: bool,
    machines: bool = False,
) -> None:
    """Refuse actions that nothing here can do: what is accepted is done.

    Args:
        operation: Whose request it is, for the error.
        request: AlarmActions, OKActions and InsufficientDataActions of it are looked at.
        functions, scaling, machines: Which kinds are wired.

    Raises:
        ValidationError: One is no ARN, or one on a machine where the metric is of none.
        NotImplementedOperation: Names the action.
    """
    for member in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for arn in request.get(member) or ():
            if (is_function(arn) and functions) or (is_scaling_policy(arn) and scaling):
                continue
            if is_machine_action(arn) and machines:
                _require_machine(arn, request)
                continue
            raise NotImplementedOperation(f"{operation}: the action {arn} is not implemented.")


def _require_machine(arn: str, request: Mapping[str, Any]) -> None:
    if not any(item.get("Name") == "InstanceId" for item in request.get("Dimensions") or ()):
        # From memory: AWS asks for a metric of EC2's with this one dimension.
        raise ValidationError(
            f"Invalid use of EC2 '{arn.rpartition(':')[2].title()}' action. The alarm's metric needs the "
            "dimension InstanceId."
        )


def _parts(arn: str) -> Arn:
    try:
        return Arn.parse(arn)
    except ValueError:
        raise ValidationError(f"Invalid arn syntax: {arn}") from None
