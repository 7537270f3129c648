"""How the endpoints' room is put together from what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecords
from sagehen.services.sagemaker.endpoints.loops import EndpointLoops
from sagehen.services.sagemaker.endpoints.operations import Endpoints
from sagehen.services.sagemaker.endpoints.records import MIGRATIONS, EndpointRecords, Noted
from sagehen.services.sagemaker.endpoints.rollouts import EndpointRollouts
from sagehen.services.sagemaker.endpoints.scalable import ScalableVariants
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class EndpointParts:
    """The operations, the loops behind them, which `service.py` starts and stops, what can be scaled, how
    updates go on."""

    operations: Endpoints
    loops: EndpointLoops
    scalable: ScalableVariants
    rollouts: EndpointRollouts


def endpoint_parts(
    database: Database,
    means: Means,
    configs: EndpointConfigRecords,
    models: ModelRecords,
    directory: EndpointDirectory,
    limits: ServingLimits | None = None,
    alarms: AlarmStates | None = None,
    noted: Noted = lambda *_: None,
) -> EndpointParts:
    """Build them. Nothing runs before `loops.start`.

    Args:
        directory: Where InvokeEndpoint finds routers.
        limits: How much one variant takes on; None takes the usual ones.
        alarms: Those that may roll a deployment back.
        noted: Is told of each change.
    """
    database.migrate("sagemaker-endpoints", MIGRATIONS)
    records = EndpointRecords(database, means.supply, noted)
    loops = EndpointLoops(
        records=records,
        means=means,
        model_data=ModelData(means.objects, means.node_data),
        directory=directory,
        limits=limits or ServingLimits(),
        alarms=alarms,
    )
    clock = means.clock
    operations = Endpoints(records, configs, models, loops, means.images, clock, alarms)
    return EndpointParts(
        operations, loops, ScalableVariants(records, loops, clock), EndpointRollouts(records, loops, clock)
    )
