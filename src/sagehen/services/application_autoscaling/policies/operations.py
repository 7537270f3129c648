"""PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.application_autoscaling.errors import (
    LimitExceededException,
    ObjectNotFoundException,
    ValidationException,
)
from sagehen.services.application_autoscaling.policies.alarms import PolicyAlarms
from sagehen.services.application_autoscaling.policies.configuration import checked_steps, checked_tracking
from sagehen.services.application_autoscaling.policies.policy import PolicyType, ScalingPolicy
from sagehen.services.application_autoscaling.policies.records import PolicyRecords
from sagehen.services.application_autoscaling.policies.tracking_alarms import alarm_name, tracking_alarms
from sagehen.services.application_autoscaling.targets.finding import key_of_request, on_target, registered
from sagehen.services.application_autoscaling.targets.parts import page_of_parts
from sagehen.services.application_autoscaling.targets.records import TargetRecords

PAGE = 10  # the API reference: 10 where nothing is said, and for policies with alarms no more
# User Guide, Quotas.
MOST_POLICIES = 50


class Policies:
    """The operations on policies.

    Args:
        targets: A policy's target must be there.
        policies: Where they are kept.
        alarms: Makes the alarms of target tracking.
        clock: Dates.
        ids: Draws the ids in alarms' names.
    """

    def __init__(
        self, targets: TargetRecords, policies: PolicyRecords, alarms: PolicyAlarms, clock: Clock, ids: Ids
    ) -> None:
        self.targets = targets
        self._policies = policies
        self._alarms = alarms
        self._clock = clock
        self._ids = ids

    @operation("PutScalingPolicy", access=on_target("PutScalingPolicy"))
    async def put_scaling_policy(self, context: RequestContext, request: Request) -> Request:
        """Create or replace a policy. A target tracking policy gets two alarms of its own.

        Raises:
            ObjectNotFoundException: The target is not registered.
            ValidationException: The configuration breaks a rule, or another policy tracks the same metric.
            LimitExceededException: 50 policies, or 20 steps.
            NotImplementedOperation: Predictive scaling; a predefined metric that nothing here records.
        """
        key = key_of_request(context, request)
        target = registered(self.targets, key)
        before = self._policies.get(key, request["PolicyName"])
        kind: PolicyType = _type_of(request, before)
        if before is not None and before.type != kind:  # wording: from memory
            raise ValidationException("The type of an existing scaling policy cannot be changed.")
        if kind == "StepScaling":
            settings = checked_steps(key.kind, request.get("StepScalingPolicyConfiguration"))
        else:
            settings = checked_tracking(key.kind, request.get("TargetTrackingScalingPolicyConfiguration"))
        if before is None and len(self._policies.of_target(key)) >= MOST_POLICIES:
            raise LimitExceededException(
                f"A scalable target can have at most {MOST_POLICIES} scaling policies."
            )
        policy = ScalingPolicy(
            key,
            request["PolicyName"],
            kind,
            target.part_arn("scalingPolicy", "policyName", request["PolicyName"]),
            settings,
            self._alarm_names(kind, settings, before, key.resource_id),
            before.created_at if before else self._clock.now(),
        )
        if policy.tracks:
            tracking_alarms(policy)  # refuses a metric before anything is stored
            self._require_own_metric(policy)
        await self._policies.put(policy)
        try:
            await self._alarms.put(policy, before)
        except Exception as error:
            # Nothing half done: a metric expression that CloudWatch refuses leaves no policy without alarms.
            await (self._policies.put(before) if before else self._policies.remove(policy))
            if isinstance(error, ServiceError) and not isinstance(error, NotImplementedOperation):
                # CloudWatch's codes (ValidationError, ...) are none that this service's clients know.
                raise ValidationException(error.message) from error
            raise
        return {"PolicyARN": policy.arn, "Alarms": self._alarms.shown([policy])[0]}

    @operation("DescribeScalingPolicies")
    async def describe_scaling_policies(self, context: RequestContext, request: Request) -> Request:
        """List the policies of a namespace with their alarms.

        Raises:
            ValidationException: A dimension without its resource.
            InvalidNextTokenException: The token is not one of ours.
        """
        page, token = page_of_parts(self._policies.listed, context, request, "PolicyNames", PAGE)
        shown = zip(page, self._alarms.shown(page), strict=True)
        return {"ScalingPolicies": [one.described(alarms) for one, alarms in shown], "NextToken": token}

    @operation("DeleteScalingPolicy", access=on_target("DeleteScalingPolicy"))
    async def delete_scaling_policy(self, context: RequestContext, request: Request) -> Request:
        """Delete a policy, with its alarms if it is one of target tracking.

        Raises:
            ObjectNotFoundException: There is none of this name.
        """
        key = key_of_request(context, request)
        policy = self._policies.get(key, request["PolicyName"])
        if policy is None:
            raise ObjectNotFoundException(
                f"No scaling policy found for service namespace: {key.namespace}, resource ID:"
                f" {key.resource_id}, scalable dimension: {key.dimension}, policy name:"
                f" {request['PolicyName']}"
            )
        await self._alarms.remove(policy)
        await self._policies.remove(policy)
        return {}

    def _alarm_names(
        self, kind: PolicyType, settings: Request, before: ScalingPolicy | None, resource_id: str
    ) -> tuple[str, ...]:
        if kind == "StepScaling":
            return ()
        sides = ("AlarmHigh",) if settings.get("DisableScaleIn") else ("AlarmHigh", "AlarmLow")
        kept = before.alarms if before else ()
        fresh = [alarm_name(resource_id, side, self._ids.uuid()) for side in sides[len(kept) :]]
        return (*kept[: len(sides)], *fresh)

    def _require_own_metric(self, policy: ScalingPolicy) -> None:
        """Documented: several target tracking policies, provided that each of them uses a different
        metric.
        """
        specifications = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
        mine = [policy.configuration.get(name) for name in specifications]
        for other in self._policies.of_target(policy.key):
            theirs = [other.configuration.get(name) for name in specifications]
            if other.tracks and other.name != policy.name and mine == theirs:  # wording: from memory
                raise ValidationException(
                    "Only one TargetTrackingScaling policy for a given metric specification is allowed."
                )


def _type_of(request: Request, before: ScalingPolicy | None) -> PolicyType:
    kind = request.get("PolicyType") or (before.type if before else "StepScaling")
    if kind == "PredictiveScaling" or request.get("PredictiveScalingPolicyConfiguration"):
        raise NotImplementedOperation("PutScalingPolicy: predictive scaling is not implemented.")
    wrong = {
        "StepScaling": "TargetTrackingScalingPolicyConfiguration",
        "TargetTrackingScaling": "StepScalingPolicyConfiguration",
    }[kind]
    if request.get(wrong):
        raise ValidationException(f"{wrong} cannot be specified for a policy of the type {kind}.")
    result: PolicyType = kind
    return result
