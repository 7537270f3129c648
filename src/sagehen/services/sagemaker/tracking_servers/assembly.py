"""The room of MLflow tracking servers, put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sagehen.domain.ports.calls.late_calls import LateCalls
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.tracking_servers import passes, records
from sagehen.services.sagemaker.tracking_servers.entrance import Entrance
from sagehen.services.sagemaker.tracking_servers.loops import TrackingLoops
from sagehen.services.sagemaker.tracking_servers.operations import TrackingServers
from sagehen.services.sagemaker.tracking_servers.programs import Environments, Programs
from sagehen.services.sagemaker.tracking_servers.records import TrackingServerRecords
from sagehen.services.sagemaker.tracking_servers.registration.registrar import Registrar
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class TrackingNeeds:
    """What tracking servers need besides Means.

    Args:
        environments: Which Pythons there are.
        authorizer: What who comes may do.
    """

    environments: Environments
    authorizer: Authorizer


@dataclass(frozen=True, slots=True)
class TrackingParts:
    """The operations, the loops behind them, and what the door asks.

    Args:
        calls: Is told of the front door, as its `calls`.
    """

    operations: TrackingServers
    loops: TrackingLoops
    entrance: Entrance
    calls: LateCalls


def tracking_parts(database: Database, means: Means, needs: TrackingNeeds) -> TrackingParts:
    """Build them. Nothing runs before `loops.start`.

    Args:
        means: Its folder is the service's.
    """
    database.migrate("sagemaker_tracking_servers", records.MIGRATIONS)
    database.migrate("sagemaker_tracking_passes", passes.MIGRATIONS)
    means = replace(means, folder=means.folder / "tracking-servers")
    kept, kept_passes, programs = (
        TrackingServerRecords(database),
        passes.tracking_passes(database),
        Programs(needs.environments),
    )
    calls = LateCalls()
    registrar = Registrar(means, calls)
    loops = TrackingLoops(kept, kept_passes, means, programs, registrar)
    operations = TrackingServers(
        records=kept,
        passes=kept_passes,
        loops=loops,
        programs=programs,
        roles=means.roles,
        clock=means.clock,
        wall_clock=means.wall_clock,
        ids=means.ids,
    )
    entrance = Entrance(
        records=kept,
        passes=kept_passes,
        loops=loops,
        registrar=registrar,
        authorizer=needs.authorizer,
        roles=means.roles,
        wall_clock=means.wall_clock,
        ids=means.ids,
    )
    return TrackingParts(operations, loops, entrance, calls)
