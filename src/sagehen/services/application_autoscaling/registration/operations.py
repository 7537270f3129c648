"""RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.autoscaling.capacity import Suspended
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.scaling import LinkedRoles, ScalableResources
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.errors import (
    InvalidNextTokenException,
    LimitExceededException,
    ValidationException,
)
from sagehen.services.application_autoscaling.policies.alarms import PolicyAlarms
from sagehen.services.application_autoscaling.registration.permissions import require_permissions
from sagehen.services.application_autoscaling.scaling.acting import Acting
from sagehen.services.application_autoscaling.targets.finding import key_of_request, on_target, registered
from sagehen.services.application_autoscaling.targets.parts import page_size, require_resource
from sagehen.services.application_autoscaling.targets.records import TargetRecords
from sagehen.services.application_autoscaling.targets.tags import checked_tags
from sagehen.services.application_autoscaling.targets.target import ScalableTarget, TargetKey

PAGE = 50
# User Guide, Quotas: for all dimensions but those of DynamoDB and ECS.
MOST_TARGETS = 500


class Targets:
    """The operations on scalable targets.

    Args:
        targets: Where they are kept.
        alarms: Takes alarms of policies away with their target.
        acting: Brings a capacity that is out of bounds into them.
        resources: What can be scaled, by service namespace.
        roles: Makes the service-linked role.
        authorizer: Checks the caller's permissions.
        clock: Dates.
        ids: Draws ids.
    """

    def __init__(
        self,
        targets: TargetRecords,
        alarms: PolicyAlarms,
        acting: Acting,
        resources: Mapping[str, ScalableResources],
        roles: LinkedRoles,
        authorizer: Authorizer,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.targets = targets
        self._alarms = alarms
        self._acting = acting
        self._resources = resources
        self._roles = roles
        self._authorizer = authorizer
        self._clock = clock
        self._ids = ids

    @operation("RegisterScalableTarget", access=on_target("RegisterScalableTarget"))
    async def register_scalable_target(self, context: RequestContext, request: Request) -> Request:
        """Register a resource, or change the bounds and what is suspended; capacity is moved into the bounds.

        Raises:
            ValidationException: No such resource, bounds missing or crossed, a burstable instance type.
            LimitExceededException: 500 targets of the dimension exist.
        """
        key = key_of_request(context, request)
        before = self.targets.get(key)
        minimum = request.get("MinCapacity", before.minimum if before else None)
        maximum = request.get("MaxCapacity", before.maximum if before else None)
        if minimum is None or maximum is None:  # wording: from memory
            raise ValidationException("Both minimum and maximum capacity are required to register a target")
        if minimum < 0 or maximum < minimum:  # wording: from memory
            raise ValidationException("Maximum capacity cannot be less than minimum capacity")
        self._require_scalable(key, minimum, known=before is not None)
        if before is None:
            if self.targets.count(context.scope, key.dimension) >= MOST_TARGETS:
                raise LimitExceededException(
                    f"There may be {MOST_TARGETS} scalable targets of {key.dimension}."
                )
        elif request.get("Tags"):  # documented: for an existing target there is TagResource
            raise ValidationException(
                "Tags can only be given when a scalable target is created. Use TagResource."
            )
        role = self._roles.find(context.scope.account_id, key.kind.linked_role)
        require_permissions(self._authorizer, context, key, makes_role=role is None)
        role = role or await self._roles.ensure(context.scope.account_id, key.kind.linked_role)
        suspended = _suspended(request, before.suspended if before else Suspended())
        if before is None:
            target = ScalableTarget(
                key,
                self._ids.hex(36),
                self._ids.uuid(),
                minimum,
                maximum,
                role,
                self._clock.now(),
                suspended,
                checked_tags({}, request.get("Tags") or {}),
            )
        else:
            target = replace(before, minimum=minimum, maximum=maximum, suspended=suspended)
        await self.targets.put(target)
        await self._acting.into_bounds(target)
        return {"ScalableTargetARN": target.arn}

    @operation("DescribeScalableTargets")
    async def describe_scalable_targets(self, context: RequestContext, request: Request) -> Request:
        """List the targets of a namespace.

        Raises:
            ValidationException: A dimension without resource ids.
            InvalidNextTokenException: The token is not one of ours.
        """
        namespace, wanted = request["ServiceNamespace"], request.get("ResourceIds") or []
        dimension = request.get("ScalableDimension")
        require_resource(dimension, wanted)
        found = [
            target
            for target in self.targets.listed(context.scope, namespace)
            if (not wanted or target.key.resource_id in wanted) and dimension in (None, target.key.dimension)
        ]
        page = paginate(
            found,
            key=lambda target: (target.key.resource_id, target.key.dimension),
            token=request.get("NextToken"),
            limit=page_size(request, PAGE),
            listing=f"targets {namespace} {sorted(wanted)} {dimension}",
            error=InvalidNextTokenException,
        )
        return {"ScalableTargets": [one.described() for one in page.items], "NextToken": page.next_token}

    @operation("DeregisterScalableTarget", access=on_target("DeregisterScalableTarget"))
    async def deregister_scalable_target(self, context: RequestContext, request: Request) -> Request:
        """Forget a target with its policies, their alarms and its scheduled actions; capacity stays as it is.

        Raises:
            ObjectNotFoundException: It is not registered.
        """
        target = registered(self.targets, key_of_request(context, request))
        await self._forget([target])
        return {}

    # --- port ScalableTargets ------------------------------------------------------------------

    def is_registered(self, scope: Scope, resource_id: str) -> bool:
        """See the port."""
        return any(one.key.resource_id == resource_id for one in self.targets.with_prefix(scope, resource_id))

    async def deregister(self, scope: Scope, resource_prefix: str) -> None:
        """See the port."""
        await self._forget(self.targets.with_prefix(scope, resource_prefix))

    async def _forget(self, targets: list[ScalableTarget]) -> None:
        for target in targets:
            await self._alarms.remove_all(target.key)
        await self.targets.remove([target.key for target in targets])

    def _require_scalable(self, key: TargetKey, minimum: int, *, known: bool) -> None:
        found = self._resources[key.namespace].find(key.scope, key.resource_id, key.dimension)
        if found is None and known:  # an alias that is gone for now: its target is still changed
            return
        if found is None:  # wording: from memory
            raise ValidationException(f"{key.namespace} resource doesn't exist: {key.resource_id}")
        if found.unscalable_ever is not None:
            raise ValidationException(found.unscalable_ever)
        if minimum < found.least:  # wording: from memory
            raise ValidationException(
                f"The minimum capacity of {key.resource_id} must be at least {found.least}"
            )


def _suspended(request: Request, before: Suspended) -> Suspended:
    """Return what is suspended afterwards: attributes that are not given stay (the API reference)."""
    given = request.get("SuspendedState") or {}
    return Suspended(
        given.get("DynamicScalingInSuspended", before.dynamic_in),
        given.get("DynamicScalingOutSuspended", before.dynamic_out),
        given.get("ScheduledScalingSuspended", before.scheduled),
    )
