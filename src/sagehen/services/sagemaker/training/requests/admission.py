"""Admission: what training jobs must pass before they are stored, whoever asks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, in_budget
from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.domain.ports.identity.roles import Roles, RoleSession
from sagehen.domain.ports.storage.objects import Objects
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.channels.presence import require_objects

T = TypeVar("T")


class Admission:
    """Looks at requests with the rights of those who make them.

    Args:
        prewarming: Is told of the images that come.
        networks: What VpcConfig may name.
    """

    def __init__(
        self,
        roles: Roles,
        objects: Objects,
        prewarming: Prewarming,
        images: Images | None = None,
        networks: NamedNetworks | None = None,
    ) -> None:
        self._roles = roles
        self._objects = objects
        self._prewarming = prewarming
        self._images = images or Images()
        self._networks = networks or NamedNetworks()

    async def judge(self, check: Callable[[Mapping[str, Any], Images], T], request: Mapping[str, Any]) -> T:
        """Return what a check says of a request: it may take long, since it compiles MetricDefinitions.

        Raises:
            ValidationException: It takes too long, or what it raises.
        """
        try:
            return await in_budget(check, request, self._images)
        except BudgetSpent:
            raise ValidationException("Invalid MetricDefinitions: they take too long to compile.") from None

    async def admit(
        self, context: RequestContext, request: Mapping[str, Any], sources: Sequence[Channel]
    ) -> RoleSession:
        """Return a session of a request's role, which may be passed and finds its data.

        Args:
            request: CreateTrainingJob's, or a definition with the same members.
            sources: Its channels.

        Raises:
            AccessDenied: No iam:PassRole.
            ValidationException: The role does not trust SageMaker, a channel names no object, or there is no
                such subnet or security group.
        """
        vpc = request.get("VpcConfig") or {}
        await self._networks.require(
            context.scope, vpc.get("Subnets") or (), vpc.get("SecurityGroupIds") or ()
        )
        image = self._images.resolve(request["AlgorithmSpecification"]["TrainingImage"], "training")
        self._prewarming.expect(image)
        role_arn = request.get("RoleArn", "")
        session = await sessions.accept(self._roles, context, role_arn)
        region = context.scope.region
        found = [
            require_objects(self._objects, session.principal, source, region, role_arn) for source in sources
        ]
        await asyncio.gather(*found)
        return session
