"""Tools: what the loop of an endpoint's components acts by."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.services.sagemaker.endpoints.loops import EndpointLoops
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.inference_components.records import ComponentRecords
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Args:
    records: Of components and copies.
    endpoints: Of endpoints.
    endpoint_loops: Who has their instances, and is told of changed counts.
    means: Its folder is that of components.
    alarms: Those that may roll an update back; None where nothing watches any.
    """

    records: ComponentRecords
    endpoints: EndpointRecords
    endpoint_loops: EndpointLoops
    means: Means
    model_data: ModelData
    directory: EndpointDirectory
    limits: ServingLimits
    alarms: AlarmStates | None
