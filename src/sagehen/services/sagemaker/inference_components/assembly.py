"""How the inference components' room is put together from what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoints.assembly import EndpointParts
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.inference_components.admission import Admission
from sagehen.services.sagemaker.inference_components.loops import ComponentLoops
from sagehen.services.sagemaker.inference_components.operations import InferenceComponents
from sagehen.services.sagemaker.inference_components.records import MIGRATIONS, ComponentRecords
from sagehen.services.sagemaker.inference_components.scalable import (
    ScalableByDimension,
    ScalableComponents,
)
from sagehen.services.sagemaker.inference_components.tools import Tools
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class ComponentParts:
    """The operations, the loops behind them, which `service.py` starts and stops, and what can be scaled:
    components and endpoints' variants.
    """

    operations: InferenceComponents
    loops: ComponentLoops
    scalable: ScalableByDimension


def component_parts(
    database: Database,
    means: Means,
    endpoints: EndpointParts,
    models: ModelRecords,
    directory: EndpointDirectory,
    limits: ServingLimits | None = None,
    alarms: AlarmStates | None = None,
) -> ComponentParts:
    """Build them; the endpoints' parts are told of components. Nothing runs before `loops.start`.

    Args:
        limits: How much one component takes on; None takes the usual ones.
    """
    database.migrate("sagemaker-inference-components", MIGRATIONS)
    records, of_endpoints = ComponentRecords(database), EndpointRecords(database, means.supply)
    loops = ComponentLoops(
        Tools(
            records=records,
            endpoints=of_endpoints,
            endpoint_loops=endpoints.loops,
            means=means,
            model_data=ModelData(means.objects, means.node_data),
            directory=directory,
            limits=limits or ServingLimits(),
            alarms=alarms,
        )
    )
    clock = means.clock

    def hosting(endpoint: Endpoint) -> set[str]:
        found = records.of_endpoint(endpoint.scope, endpoint.name)
        created_at = endpoint.created_at.timestamp()
        return {one.variant for one in found if one.endpoint_created_at == created_at}

    endpoints.operations.hosting = hosting
    admission = Admission(of_endpoints, models, means.images, clock)
    operations = InferenceComponents(records, admission, loops, clock, alarms)
    scalable = ScalableByDimension(endpoints.scalable, ScalableComponents(records, loops.poke, clock))
    return ComponentParts(operations, loops, scalable)
