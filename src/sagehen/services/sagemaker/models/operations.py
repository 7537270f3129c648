"""Models: containers and model data under a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.model_packages.deployment import PackagedContainers
from sagehen.services.sagemaker.model_packages.rights import of_foreign_package
from sagehen.services.sagemaker.models.acceptance import check
from sagehen.services.sagemaker.models.condition_keys import of_model
from sagehen.services.sagemaker.models.description import describe
from sagehen.services.sagemaker.models.records import (
    RESOLVED,
    ModelRecord,
    ModelRecords,
    containers_asked,
    data_layout,
    data_uri,
    is_multi_model,
)
from sagehen.services.sagemaker.models.wanted import no_access
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights
from sagehen.services.sagemaker.transfers import uris

_ARN = "model/{ModelName}"


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.model_arn(context.scope, request.get("ModelName", ""))
    yield from rights.creation("CreateModel", arn, request, of_model(request))
    for container in containers_asked(request):
        if name := container.get("ModelPackageName"):
            yield from of_foreign_package(context, name)


class Models:
    """CreateModel, DescribeModel, ListModels, DeleteModel.

    Args:
        packages: Puts containers in the place of model packages.
        networks: What VpcConfig may name; None: models cannot be kept from other hosts, and it is 501.
    """

    def __init__(
        self,
        records: ModelRecords,
        clock: Clock,
        roles: Roles,
        objects: Objects,
        prewarming: Prewarming,
        packages: PackagedContainers,
        images: Images | None = None,
        networks: NamedNetworks | None = None,
    ) -> None:
        self._records = records
        self._clock = clock
        self._roles = roles
        self._objects = objects
        self._prewarming = prewarming
        self._packages = packages
        self._images = images or Images()
        self._networks = networks

    @operation("CreateModel", access=_creation)
    async def create_model(self, context: RequestContext, request: Request) -> Request:
        """Record a model whose image is mapped and whose data its role can read.

        Raises:
            ValidationException, NotImplementedOperation.
        """
        kept = {member: value for member, value in request.items() if member != "Tags" and value is not None}
        asked = containers_asked(request)
        if any(container.get("ModelPackageName") for container in asked):
            kept[RESOLVED] = self._packages.of(context.scope, asked)
        record = ModelRecord(context.scope, request["ModelName"], self._clock.now(), kept)
        check(request, record.containers, self._images, context.scope.account_id)
        await self._require_network(context.scope, request.get("VpcConfig") or {})
        for container in record.containers:
            self._prewarming.expect(self._images.resolve(container["Image"], "inference"))
        role_arn = request.get("ExecutionRoleArn")
        if role_arn is None:
            raise ValidationException("ExecutionRoleArn is required: containers run as a role.")
        session = await sessions.accept(self._roles, context, role_arn)
        for container in record.containers:
            await self._require_data(session.principal, container, role_arn, context.scope.region)
        await self._records.add(record, request.get("Tags", ()))
        return {"ModelArn": record.arn}

    async def _require_network(self, scope: Scope, vpc: Mapping[str, Any]) -> None:
        if not vpc:
            return
        if self._networks is None:
            raise NotImplementedOperation("CreateModel VpcConfig is not implemented without sandboxes.")
        await self._networks.require(scope, vpc.get("Subnets") or (), vpc.get("SecurityGroupIds") or ())

    @operation("DescribeModel", access=on(_ARN, lower=True))
    async def describe_model(self, context: RequestContext, request: Request) -> Request:
        """Return a model as it was given.

        Raises:
            ValidationException: No such model.
        """
        record = self._records.get(context.scope, request["ModelName"])
        if record is None:
            raise could_not_find("model", arns.model_arn(context.scope, request["ModelName"]))
        return describe(record)

    @operation("ListModels")
    async def list_models(self, context: RequestContext, request: Request) -> Request:
        """Return one page of models, newest first where the request does not say."""
        models, token = self._records.page(context.scope, request)
        summaries = [
            {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created_at}
            for model in models
        ]
        return {"Models": summaries, "NextToken": token}

    @operation("DeleteModel", access=on(_ARN, lower=True))
    async def delete_model(self, context: RequestContext, request: Request) -> None:
        """Forget a model; endpoints that run it keep their instances' copy, as on AWS.

        Raises:
            ValidationException: No such model.
        """
        if not await self._records.delete(context.scope, request["ModelName"]):
            raise could_not_find("model", arns.model_arn(context.scope, request["ModelName"]))

    async def _require_data(
        self, principal: Principal, container: Mapping[str, Any], role_arn: str, region: str
    ) -> None:
        """Check that the role can read the container's model data now, not only when an endpoint starts."""
        uri = data_uri(container)
        if uri is None:
            return
        bucket, key = uris.split(uri)
        try:
            if is_multi_model(container):  # which may hold none yet
                async for _ in self._objects.list_objects(principal, bucket, key):
                    break
                return
            if data_layout(container) == "prefix":
                key = await self._first_key(principal, bucket, key)
            await self._objects.read(principal, bucket, key)
        except NoSuchObject:
            raise ValidationException(f"Could not find model data at {uri}.") from None
        except AccessDenied:
            raise ValidationException(
                f"{no_access(uri, role_arn, region)} If your Model uses multiple models or uncompressed "
                'models, please ensure that the role has "s3:ListBucket" permission.'
            ) from None

    async def _first_key(self, principal: Principal, bucket: str, prefix: str) -> str:
        async for summary in self._objects.list_objects(principal, bucket, prefix):
            return summary.key
        raise NoSuchObject(f"Nothing lies under s3://{bucket}/{prefix}")
