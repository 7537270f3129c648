"""What Search looks through: the things of each room, as their Describe operations tell them, with tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.description import describe as describe_endpoint
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.experiments.entity import COMPONENT, EXPERIMENT, TRIAL, Entity
from sagehen.services.sagemaker.experiments.entity import describe as describe_tracked
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.experiments.told import Told
from sagehen.services.sagemaker.model_packages.group_records import GroupRecord, GroupRecords
from sagehen.services.sagemaker.model_packages.groups import describe as describe_group
from sagehen.services.sagemaker.model_packages.names import GROUP, Named
from sagehen.services.sagemaker.model_packages.package import PackageRecord
from sagehen.services.sagemaker.model_packages.package import describe as describe_package
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords
from sagehen.services.sagemaker.models.description import describe as describe_model
from sagehen.services.sagemaker.models.records import ModelRecord, ModelRecords
from sagehen.services.sagemaker.search.operations import Source
from sagehen.services.sagemaker.training.description import describe as describe_job
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.store.database import Database

_PAGE = 100
_TRACKED = {"Experiment": EXPERIMENT, "ExperimentTrial": TRIAL, "ExperimentTrialComponent": COMPONENT}


class _HasArn(Protocol):
    @property
    def arn(self) -> str: ...


R = TypeVar("R", bound=_HasArn)
# (scope, a List operation's input) -> a page of records, and the next token.
Pages = Callable[[Scope, Mapping[str, Any]], tuple[list[R], str | None]]


def sources(
    database: Database, jobs: TrainingJobRecords, models: ModelRecords, tags: ResourceTags
) -> dict[str, Source]:
    """Return where each resource is found."""
    packages, experiments = PackageRecords(database), ExperimentRecords(database)
    told = Told(database)

    def page_of_packages(scope: Scope, request: Mapping[str, Any]) -> tuple[list[PackageRecord], str | None]:
        return packages.page(Named(GROUP, scope, ""), request, "Both")

    def source(pages: Pages[R], describe: Callable[[R], dict[str, Any]]) -> Source:
        return lambda scope: _each(scope, pages, describe, tags)

    return {
        **{
            resource: source(partial(experiments.page, kind), partial(_tracked, experiments, told))
            for resource, kind in _TRACKED.items()
        },
        "TrainingJob": source(jobs.page, describe_job),
        "Endpoint": source(EndpointRecords(database).page, _endpoint),
        "Model": source(models.page, _model),
        "ModelPackage": source(page_of_packages, _package),
        "ModelPackageGroup": source(GroupRecords(database).page, _group),
    }


def _each(
    scope: Scope, pages: Pages[R], describe: Callable[[R], dict[str, Any]], tags: ResourceTags
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    token: str | None = None
    while True:
        request = {
            "MaxResults": _PAGE,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
            "NextToken": token,
        }
        records, token = pages(scope, request)
        for record in records:
            told = describe(record)
            if found := tags(record.arn):
                told["Tags"] = [{"Key": key, "Value": value} for key, value in found.items()]
            yield record.arn, told
        if token is None:
            return


def _tracked(records: ExperimentRecords, told: Told, entity: Entity) -> dict[str, Any]:
    if entity.kind is not COMPONENT:
        return describe_tracked(entity)
    return {**told.component(entity), "Parents": records.parents(entity)}


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """Return what is stored of an endpoint: how many instances serve at the moment is DescribeEndpoint's."""
    told = describe_endpoint(endpoint, {}, {})
    for variant in told.get("ProductionVariants") or ():
        variant.pop("CurrentInstanceCount", None)
    return told


def _model(record: ModelRecord) -> dict[str, Any]:
    return {"Model": describe_model(record), "LastModifiedTime": record.created_at}


def _package(record: PackageRecord) -> dict[str, Any]:
    return {"LastModifiedTime": record.modified_at, **describe_package(record)}


def _group(record: GroupRecord) -> dict[str, Any]:
    return {"LastModifiedTime": record.created_at, **describe_group(record)}
