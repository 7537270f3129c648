"""What must be allowed for the registry's operations, in the account that owns what they name.

Documented: the service authorization reference, and the policies that the developer guide gives a group for
other accounts: actions on versions name `model-package/{group}/*`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.sagemaker.model_packages import names
from sagehen.services.sagemaker.model_packages.acceptance import is_arn
from sagehen.services.sagemaker.model_packages.condition_keys import of_package, of_request
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords
from sagehen.services.sagemaker.tags import rights


class _HasRecords(Protocol):
    records: PackageRecords


def on_group(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of operations on one group."""
    group = names.group(context.scope, request.get("ModelPackageGroupName", ""))
    yield Access(f"sagemaker:{context.operation}", group.arn)


def group_creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of CreateModelPackageGroup."""
    group = names.group(context.scope, request.get("ModelPackageGroupName", ""))
    yield from rights.creation("CreateModelPackageGroup", group.arn, request)


def package_creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of CreateModelPackage; what it takes its specification from must be readable besides (ours)."""
    if group := request.get("ModelPackageGroupName"):
        arn = names.versions_arn(names.group(context.scope, group))
    else:
        arn = names.package(context.scope, request.get("ModelPackageName") or "*").arn
    yield from rights.creation("CreateModelPackage", arn, request, of_request(request))
    yield from _of_source(context, request)


def on_package(owner: _HasRecords, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of operations on one package."""
    package = names.package(context.scope, request.get("ModelPackageName") or request["ModelPackageArn"])
    # Only a change has keys of its own; the others' requests have no such members.
    keys = of_request(request) | of_package(owner.records.of(package))
    yield Access(f"sagemaker:{context.operation}", package.arn, keys)


def on_update(owner: _HasRecords, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of UpdateModelPackage; what it takes a specification from must be readable besides (ours)."""
    yield from on_package(owner, context, request)
    yield from _of_source(context, request)


def on_packages(owner: _HasRecords, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of BatchDescribeModelPackage: every package."""
    for arn in request["ModelPackageArnList"]:
        package = names.package(context.scope, arn)
        yield Access(
            "sagemaker:BatchDescribeModelPackage", package.arn, of_package(owner.records.of(package))
        )


def listing(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Of ListModelPackages."""
    group = request.get("ModelPackageGroupName")
    arn = names.versions_arn(names.group(context.scope, group)) if group else "*"
    yield Access("sagemaker:ListModelPackages", arn)


def of_foreign_package(context: RequestContext, name: str) -> Iterator[Access]:
    """Of CreateModel that names a package of another account: its group's policy has a say."""
    package = names.package(context.scope, name)
    if package.scope.account_id != context.scope.account_id:
        yield Access("sagemaker:CreateModel", package.arn)


def _of_source(context: RequestContext, request: Request) -> Iterator[Access]:
    source = request.get("SourceUri")
    if not is_arn(source):
        return
    if f":{names.PACKAGE}/" in source:
        yield Access("sagemaker:DescribeModelPackage", names.package(context.scope, source).arn)
    else:
        yield Access("sagemaker:DescribeModel", source)
