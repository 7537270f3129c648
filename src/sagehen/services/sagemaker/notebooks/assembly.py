"""How the room of notebook instances is put together from what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.notebooks import passes
from sagehen.services.sagemaker.notebooks import records as instance_records
from sagehen.services.sagemaker.notebooks.access.doorkeeper import Doorkeeper
from sagehen.services.sagemaker.notebooks.access.operations import PresignedUrls
from sagehen.services.sagemaker.notebooks.code_repositories import records as repository_records
from sagehen.services.sagemaker.notebooks.code_repositories.operations import CodeRepositories
from sagehen.services.sagemaker.notebooks.code_repositories.records import CodeRepositoryRecords
from sagehen.services.sagemaker.notebooks.lifecycle_configs import records as config_records
from sagehen.services.sagemaker.notebooks.lifecycle_configs.operations import LifecycleConfigs
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.loops import NotebookLoops
from sagehen.services.sagemaker.notebooks.operations import NotebookInstances
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.notebooks.server import NotebookServers
from sagehen.store.database import Database

# Resource type in ARNs -> its table, for tags.
NOTEBOOK_TABLES = {
    "notebook-instance": "sagemaker_notebook_instances",
    "notebook-instance-lifecycle-config": "sagemaker_notebook_lifecycle_configs",
    "code-repository": "sagemaker_code_repositories",
}


@dataclass(frozen=True, slots=True)
class NotebookNeeds:
    """What notebook instances need besides Means.

    Args:
        servers: What makes the machines.
        authorizer: Whether who asked for a presigned URL still may.
        idle_s: After so long without any use an instance is stopped; None: never, as on AWS.
    """

    servers: NotebookServers
    authorizer: Authorizer
    idle_s: float | None = None


@dataclass(frozen=True, slots=True)
class NotebookParts:
    """The operations, the loops behind them, which `service.py` starts and stops, and what the door asks."""

    resources: tuple[object, ...]
    loops: NotebookLoops
    entrance: Doorkeeper


def notebook_parts(
    database: Database, means: Means, needs: NotebookNeeds, networks: NamedNetworks
) -> NotebookParts:
    """Build them. Nothing runs before `loops.start`."""
    database.migrate("sagemaker-notebooks", instance_records.MIGRATIONS)
    database.migrate("sagemaker-notebook-passes", passes.MIGRATIONS)
    database.migrate("sagemaker-notebook-lifecycle-configs", config_records.MIGRATIONS)
    database.migrate("sagemaker-code-repositories", repository_records.MIGRATIONS)
    records = NotebookRecords(database, means.supply)
    configs = LifecycleConfigRecords(database)
    repositories = CodeRepositoryRecords(database)
    pass_records = passes.notebook_passes(database)
    loops = NotebookLoops(
        records=records,
        means=means,
        servers=needs.servers,
        configs=configs,
        repositories=repositories,
        idle_s=needs.idle_s,
    )
    instances = NotebookInstances(
        records=records,
        configs=configs,
        repositories=repositories,
        loops=loops,
        roles=means.roles,
        networks=networks,
        clock=means.clock,
        ids=means.ids,
    )
    entrance = Doorkeeper(
        records=records,
        passes=pass_records,
        loops=loops,
        authorizer=needs.authorizer,
        roles=means.roles,
        clock=means.wall_clock,
        ids=means.ids,
    )
    resources = (
        instances,
        PresignedUrls(records, pass_records, means.wall_clock, means.ids),
        LifecycleConfigs(configs, means.clock, records.users_of_config),
        CodeRepositories(repositories, means.clock),
    )
    return NotebookParts(resources, loops, entrance)
