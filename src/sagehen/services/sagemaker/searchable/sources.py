"""Where each resource that Search knows is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.description import describe as describe_endpoint
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.model_packages.group_records import GroupRecord, GroupRecords
from sagehen.services.sagemaker.model_packages.groups import describe as describe_group
from sagehen.services.sagemaker.model_packages.names import GROUP, Named
from sagehen.services.sagemaker.model_packages.package import PackageRecord
from sagehen.services.sagemaker.model_packages.package import describe as describe_package
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.source import CREATED, NAME, TIMES, Source
from sagehen.services.sagemaker.searchable import experiments, models, pipelines, tuning
from sagehen.services.sagemaker.searchable.found import Found
from sagehen.services.sagemaker.training.description import describe as describe_job
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.tuning.trials.records import TrialRecords
from sagehen.store.database import Database

_OF_JOBS = {**TIMES, "TrainingJobName": NAME, "TrainingJobStatus": "StatusEquals"}
_OF_ENDPOINTS = {**TIMES, "EndpointName": NAME, "EndpointStatus": "StatusEquals"}
# Groups do not change: the time of their making is all that their table knows.
_OF_GROUPS = {"CreationTime": CREATED, "LastModifiedTime": CREATED, "ModelPackageGroupName": NAME}
_OF_PACKAGES = {"CreationTime": CREATED}


def sources(
    database: Database,
    jobs: TrainingJobRecords,
    trials: TrialRecords,
    model_records: ModelRecords,
    tags: ResourceTags,
    clock: Clock,
) -> dict[str, Source]:
    """Return where each resource is found."""
    packages = PackageRecords(database)

    def page_of_packages(scope: Scope, request: Mapping[str, Any]) -> tuple[list[PackageRecord], str | None]:
        return packages.page(Named(GROUP, scope, ""), request, "Both")

    found: dict[str, Found[Any]] = {
        **experiments.found(database),
        **pipelines.found(database),
        **tuning.found(database, trials, clock),
        **models.found(database, model_records, tags),
        "TrainingJob": Found(jobs.page, _job, _OF_JOBS, kind="training-job"),
        "Endpoint": Found(EndpointRecords(database).page, _endpoint, _OF_ENDPOINTS, kind="endpoint"),
        "ModelPackage": Found(page_of_packages, _package, _OF_PACKAGES),
        "ModelPackageGroup": Found(GroupRecords(database).page, _group, _OF_GROUPS, kind=GROUP),
    }
    return {resource: each.source(tags) for resource, each in found.items()}


def _job(job: TrainingJob) -> Document:
    known = {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "TrainingJobStatus": job.status,
        "CreationTime": moment(job.created_at),
        "LastModifiedTime": moment(job.modified_at),
        "HyperParameters": job.request.get("HyperParameters"),
    }
    return Document(known, lambda: describe_job(job))


def _endpoint(endpoint: Endpoint) -> Document:
    """Return what is stored of an endpoint: how many instances serve at the moment is DescribeEndpoint's."""
    told = describe_endpoint(endpoint, {}, {})
    for variant in told.get("ProductionVariants") or ():
        variant.pop("CurrentInstanceCount", None)
    return Document(told)


def _package(record: PackageRecord) -> Document:
    return Document({"LastModifiedTime": record.modified_at, **describe_package(record)})


def _group(record: GroupRecord) -> Document:
    return Document({"LastModifiedTime": record.created_at, **describe_group(record)})
