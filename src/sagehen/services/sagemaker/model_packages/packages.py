"""Model packages: the operations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import names
from sagehen.services.sagemaker.model_packages.acceptance import KEPT, check, is_arn
from sagehen.services.sagemaker.model_packages.package import (
    PackageRecord,
    describe,
    summarize,
    summarize_in_batch,
)
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords
from sagehen.services.sagemaker.model_packages.rights import (
    listing,
    on_package,
    on_packages,
    on_update,
    package_creation,
)
from sagehen.services.sagemaker.model_packages.updates import updated
from sagehen.services.sagemaker.resources.user_context import user_context

# A model's ARN -> its ContainerDefinitions, or None. Models stand above packages.
ContainersOfModel = Callable[[Scope, str], Sequence[Mapping[str, Any]] | None]

_OF_CONTAINERS = (
    "ContainerHostname", "Image", "ModelDataUrl", "ModelDataSource", "Environment",
    "AdditionalModelDataSources",
)  # fmt: skip


class Packages:
    """CreateModelPackage, DescribeModelPackage, ListModelPackages, UpdateModelPackage, DeleteModelPackage,
    BatchDescribeModelPackage.

    Args:
        containers_of_model: For a package that is registered of a model.
    """

    def __init__(self, records: PackageRecords, clock: Clock, containers_of_model: ContainersOfModel) -> None:
        self.records = records
        self._clock = clock
        self._containers_of_model = containers_of_model

    @operation("CreateModelPackage", access=package_creation)
    async def create_model_package(self, context: RequestContext, request: Request) -> Request:
        """Record a package, or the next version of a group.

        Raises:
            ValidationException, ConflictException, ResourceLimitExceeded, NotImplementedOperation.
        """
        check(request)
        members = {member: request[member] for member in KEPT if request.get(member) is not None}
        members["CreatedBy"] = user_context(context.principal)
        if is_arn(request.get("SourceUri")):
            members |= self._specification_of(context, request["SourceUri"])
        now, token = self._clock.now(), request.get("ClientToken") or ""
        name = request.get("ModelPackageName")
        if name is not None:
            record = PackageRecord(context.scope, name, 0, now, now, members, token, _fingerprint(request))
            made = await self.records.add(record, request.get("Tags") or ())
        else:
            group = names.group(context.scope, request["ModelPackageGroupName"])
            members.setdefault("ModelApprovalStatus", "PendingManualApproval")
            record = PackageRecord(
                group.scope, group.name, 0, now, now, members, token, _fingerprint(request)
            )
            made = await self.records.add_version(group, record)
        return {"ModelPackageArn": made.arn}

    @operation("DescribeModelPackage", access=on_package)
    async def describe_model_package(self, context: RequestContext, request: Request) -> Request:
        """Return a package.

        Raises:
            ValidationException: No such package.
        """
        record = self.records.require(names.package(context.scope, request["ModelPackageName"]))
        return describe(record, metadata_only=request.get("IncludedData") == "MetadataOnly")

    @operation("BatchDescribeModelPackage", access=on_packages)
    async def batch_describe_model_package(self, context: RequestContext, request: Request) -> Request:
        """Return several versions by their ARNs, and why some are not there."""
        found, missing = {}, {}
        for arn in request["ModelPackageArnList"]:
            try:
                record = self.records.require(names.package(context.scope, arn))
                if not record.version:  # documented: "a list of versioned model packages"
                    raise ValidationException(f"ModelPackage {arn} is not versioned.")
                found[arn] = summarize_in_batch(record)
            except ServiceError as error:
                missing[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
        return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": missing}

    @operation("ListModelPackages", access=listing)
    async def list_model_packages(self, context: RequestContext, request: Request) -> Request:
        """Return one page of a group's versions, or of the account's packages.

        Raises:
            ValidationException: The token is not one of ours.
        """
        group = request.get("ModelPackageGroupName")
        # Documented: those without a version where nothing is said; of a group there are no others.
        kind = request.get("ModelPackageType") or ("Versioned" if group else "Unversioned")
        named = names.group(context.scope, group) if group else names.Named(names.GROUP, context.scope, "")
        records, token = self.records.page(named, request, kind)
        return {"ModelPackageSummaryList": [summarize(record) for record in records], "NextToken": token}

    @operation("UpdateModelPackage", access=on_update)
    async def update_model_package(self, context: RequestContext, request: Request) -> Request:
        """Approve or reject a version, or change what is told of it.

        The same twice leaves it as once: a ClientToken has nothing to add.

        Raises:
            ValidationException: No such version, or one that could not be.
        """
        named = names.package(context.scope, request["ModelPackageArn"])
        by, now = user_context(context.principal), self._clock.now()
        source = request.get("SourceUri")
        taken = self._specification_of(context, source) if is_arn(source) else {}
        await self.records.change(named, lambda record: updated(record, request, taken, now, by))
        return {"ModelPackageArn": named.arn}

    @operation("DeleteModelPackage", access=on_package)
    async def delete_model_package(self, context: RequestContext, request: Request) -> None:
        """Forget a package; models made of it keep what it said, and its number is not used again.

        Raises:
            ValidationException: No such package.
        """
        await self.records.delete(names.package(context.scope, request["ModelPackageName"]))

    def _specification_of(self, context: RequestContext, source: str) -> dict[str, Any]:
        """Return what a package takes over of the model or package that it is of (documented: SourceUri)."""
        if f":{names.PACKAGE}/" in source:
            record = self.records.require(names.package(context.scope, source))
            taken = ("InferenceSpecification", "AdditionalInferenceSpecifications")
            return {member: record.members[member] for member in taken if member in record.members}
        containers = self._containers_of_model(context.scope, source)
        if containers is None:
            raise ValidationException(f'Could not find model "{source}".')
        return {
            "InferenceSpecification": {
                "Containers": [
                    {member: each[member] for member in _OF_CONTAINERS if member in each}
                    for each in containers
                ]
            }
        }


def _fingerprint(request: Request) -> str:
    text = json.dumps({key: value for key, value in request.items() if value is not None}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
