"""What lineage records of an endpoint's deployments."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint
from sagehen.services.sagemaker.lineage.recording import models
from sagehen.services.sagemaker.lineage.recording.models import Deployed, Part
from sagehen.services.sagemaker.model_packages import names
from sagehen.services.sagemaker.models.records import containers_asked
from sagehen.services.sagemaker.resources.rows import KEY, key
from sagehen.store.database import Transaction


def deployed(tx: Transaction, before: Endpoint | None, endpoint: Endpoint) -> None:
    """Record, within the transaction that stores an endpoint, a deployment that it did not have before."""
    coming = endpoint.pending
    if coming is None or (
        before is not None and before.pending is not None and before.pending.generation == coming.generation
    ):
        return
    parts = [*_parts(coming), *_packages(tx, endpoint.scope, coming)]
    models.deployed(tx, Deployed(endpoint.scope, endpoint.name, endpoint.arn, coming.created_at, parts))


def _parts(deployment: Deployment) -> Iterator[Part]:
    for variant in deployment.variants:
        for each in variant.each():
            yield Part(each.image, each.model_data or "")


def _packages(tx: Transaction, scope: Scope, deployment: Deployment) -> Iterator[Part]:
    for name in {variant.model_name for variant in deployment.variants}:
        row = tx.execute(f"SELECT request FROM sagemaker_models WHERE {KEY}", key(scope, name)).fetchone()
        for container in containers_asked(json.loads(row["request"])) if row is not None else ():
            if package := container.get("ModelPackageName"):
                yield Part(package=names.package(scope, package).arn)
