"""The registry's room, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import names
from sagehen.services.sagemaker.model_packages.deployment import PackagedContainers
from sagehen.services.sagemaker.model_packages.group_policies import GroupPolicies
from sagehen.services.sagemaker.model_packages.group_records import GroupRecords
from sagehen.services.sagemaker.model_packages.groups import Groups
from sagehen.services.sagemaker.model_packages.lineage import PackageLineage
from sagehen.services.sagemaker.model_packages.package_records import PackageRecords
from sagehen.services.sagemaker.model_packages.packages import ContainersOfModel, Packages
from sagehen.services.sagemaker.model_packages.schema import GROUPS, MIGRATIONS, PACKAGES
from sagehen.services.sagemaker.resources import rows
from sagehen.services.sagemaker.tags.operations import Exists
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class RegistryParts:
    """What the service needs of it.

    Args:
        exists: Resource type in ARNs -> whether one of that lower-cased name can bear tags.
    """

    operations: tuple[object, ...]
    containers: PackagedContainers
    policies: GroupPolicies
    exists: Mapping[str, Exists]


def registry_parts(
    database: Database,
    clock: Clock,
    documents: ResourceDocuments,
    containers_of_model: ContainersOfModel,
    lineage: PackageLineage | None = None,
) -> RegistryParts:
    """Make the tables and the operations.

    Args:
        documents: The grammar of policies.
        containers_of_model: What a model of that ARN consists of, or None where there is none.
        lineage: Records packages in lineage.
    """
    database.migrate("sagemaker_model_packages", MIGRATIONS)
    groups, packages = GroupRecords(database), PackageRecords(database, lineage)
    policies = GroupPolicies(groups, documents)
    operations = (Groups(groups, clock), policies, Packages(packages, clock, containers_of_model))
    # A version has no tags of its own (see `RegistryTags`).
    exists: dict[str, Exists] = {
        names.GROUP: partial(rows.exists, database, GROUPS),
        names.PACKAGE: lambda scope, name: "/" not in name and rows.exists(database, PACKAGES, scope, name),
    }
    return RegistryParts(operations, PackagedContainers(packages), policies, exists)


class RegistryTags:
    """Implements the port ResourceTags: a version's tags are its group's (documented: CreateModelPackage)."""

    def __init__(self, tags: TagRecords) -> None:
        self._tags = tags

    def of(self, arn: str) -> Mapping[str, str]:
        """Return a resource's tags."""
        parsed = Arn.parse(arn)
        label, slash, _ = parsed.resource.partition("/")[2].partition("/")
        if parsed.resource_type != names.PACKAGE or not slash:
            return self._tags.of(arn)
        scope = Scope(parsed.account_id, parsed.region)
        return self._tags.of(names.Named(names.GROUP, scope, label).arn)
