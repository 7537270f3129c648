"""The permissions that a caller needs on what is to be scaled."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.domain.access import Access
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.application_autoscaling.errors import ValidationException
from sagehen.services.application_autoscaling.targets.target import TargetKey

_ALARMS = ("PutMetricAlarm", "DescribeAlarms", "DeleteAlarms")


def require_permissions(
    authorizer: Authorizer, context: RequestContext, key: TargetKey, *, makes_role: bool
) -> None:
    """Check that the caller may do by hand what autoscaling will do.

    Documented: User Guide, Permissions validation for API calls on target resources: the target service's
    calls and CloudWatch's are checked one by one, and the error lists what is missing. Its wording: from
    memory.

    Args:
        authorizer: Evaluates.
        context: Of the request.
        key: What is to be scaled.
        makes_role: The service-linked role does not exist yet.

    Raises:
        ValidationException: Something is missing.
    """
    wanted = key.kind.rights(key.scope, key.resource_id)
    wanted += [(f"cloudwatch:{action}", key.scope.arn("cloudwatch", "alarm:*")) for action in _ALARMS]
    if makes_role:
        service = key.kind.linked_role
        role = f"arn:{key.scope.partition}:iam::{key.scope.account_id}:role/aws-service-role/{service}/*"
        wanted.append(("iam:CreateServiceLinkedRole", role))
    environment = context.condition_keys()
    missing = []
    for action, arn in wanted:
        conditions = {"iam:AWSServiceName": key.kind.linked_role} if action.startswith("iam:") else {}
        if not authorizer.is_allowed(context.principal, Access(action, arn, conditions), environment):
            missing.append(f"{action} on {arn}")
    if missing:
        raise ValidationException(
            f"The caller {context.principal.arn} does not have the permissions that scaling"
            f" {key.resource_id} needs: {'; '.join(missing)}"
        )
