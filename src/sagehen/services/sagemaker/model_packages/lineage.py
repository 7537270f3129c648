"""What lineage records of model packages. Pure but for what it calls."""

from __future__ import annotations

from collections.abc import Iterator

from sagehen.services.sagemaker.lineage.recording import models
from sagehen.services.sagemaker.lineage.recording.models import Part, Registered
from sagehen.services.sagemaker.model_packages.package import PackageRecord
from sagehen.store.database import Transaction


class PackageLineage:
    """Records packages within the transactions that store them."""

    def added(self, tx: Transaction, package: PackageRecord) -> None:
        """Record a new package."""
        models.registered(tx, _registered(package, package.created_at.timestamp()))

    def changed(self, tx: Transaction, before: PackageRecord, after: PackageRecord) -> None:
        """Record that a package came to another approval status."""
        if after.approval and after.approval != before.approval:
            models.approved(tx, _registered(after, after.modified_at.timestamp()))


def _registered(package: PackageRecord, at: float) -> Registered:
    group = package.group
    return Registered(
        scope=package.scope,
        arn=package.arn,
        version=f"{package.label}-{package.version}" if package.version else package.label,
        approval=package.approval,
        at=at,
        parts=tuple(_parts(package)),
        group=package.label if group else "",
        group_arn=group.arn if group else "",
    )


def _parts(package: PackageRecord) -> Iterator[Part]:
    specification = package.members.get("InferenceSpecification") or {}
    for container in specification.get("Containers") or ():
        source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
        data = container.get("ModelDataUrl") or source.get("S3Uri") or ""
        yield Part(container.get("Image") or "", data)
