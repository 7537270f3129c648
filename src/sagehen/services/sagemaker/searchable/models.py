"""Models, as Search tells them: with the endpoints that host them, and the last transform job."""

from __future__ import annotations

from functools import partial
from typing import Any

from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.services.sagemaker.endpoints.description import summary
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.models.description import describe
from sagehen.services.sagemaker.models.records import ModelRecord, ModelRecords
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.source import CREATED, NAME
from sagehen.services.sagemaker.searchable.found import Found, listed
from sagehen.services.sagemaker.transform.description import describe as describe_job
from sagehen.services.sagemaker.transform.job_records import TransformJobRecords
from sagehen.store.database import Database

# Models do not change: the time of their making is all that their table knows.
_COLUMNS = {"Model.CreationTime": CREATED, "LastModifiedTime": CREATED, "Model.ModelName": NAME}


def found(database: Database, models: ModelRecords, tags: ResourceTags) -> dict[str, Found[Any]]:
    """Return where they are found."""
    told = partial(_told, EndpointRecords(database), TransformJobRecords(database), tags)
    return {"Model": Found(models.page, told, _COLUMNS)}


def _told(
    endpoints: EndpointRecords, jobs: TransformJobRecords, tags: ResourceTags, record: ModelRecord
) -> Document:
    def hosts() -> list[dict[str, Any]] | None:
        return [*map(summary, endpoints.of_model(record.scope, record.name))] or None

    def last_job() -> dict[str, Any] | None:
        job = jobs.last_of_model(record.scope, record.name)
        return {**describe_job(job), "Tags": listed(tags, job.arn)} if job else None

    model = Document(describe(record), parts={"Tags": lambda: listed(tags, record.arn)})
    return Document(
        {"Model": model, "LastModifiedTime": record.created_at},
        parts={"Endpoints": hosts, "LastBatchTransformJob": last_job},
    )
