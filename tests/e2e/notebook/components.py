"""What public notebooks do with inference components, by the SageMaker SDK v2: two models, one endpoint."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import sagemaker
from sagemaker.compute_resource_requirements.resource_requirements import ResourceRequirements
from sagemaker.deserializers import StringDeserializer
from sagemaker.enums import EndpointType
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import IdentitySerializer


def main(role: str, image: str, first_data: str, second_data: str) -> dict[str, Any]:
    """Go through it; return what was seen."""
    session = sagemaker.Session()
    small = ResourceRequirements(
        requests={"num_cpus": 1, "memory": 512, "copies": 1}, limits={"memory": 2048}
    )

    def deployed(data: str, name: str) -> Predictor:
        model = Model(
            image_uri=image, model_data=data, role=role, predictor_cls=Predictor, sagemaker_session=session
        )
        return model.deploy(
            initial_instance_count=1,
            instance_type="ml.m5.large",
            endpoint_type=EndpointType.INFERENCE_COMPONENT_BASED,
            endpoint_name="sdk",
            inference_component_name=name,
            resources=small,
            managed_instance_scaling={"MinInstanceCount": 1, "MaxInstanceCount": 2},
            serializer=IdentitySerializer("text/plain"),
            deserializer=StringDeserializer(),
        )

    first, second = deployed(first_data, "sdk-first"), deployed(second_data, "sdk-second")
    seen: dict[str, Any] = {"answers": [first.predict(b"x"), second.predict(b"x")]}
    first.update_predictor(
        resources=ResourceRequirements(requests={"num_cpus": 0.5, "memory": 512, "copies": 2})
    )
    described = session.describe_inference_component("sdk-first")
    seen["updated"] = [
        described["Specification"]["ComputeResourceRequirements"],
        described["RuntimeConfig"],
        first.predict(b"x"),
    ]
    seen["names"] = session.list_and_paginate_inference_component_names_associated_with_endpoint("sdk")
    seen["streamed"] = b"".join(
        part["PayloadPart"]["Bytes"]
        for part in session.sagemaker_runtime_client.invoke_endpoint_with_response_stream(
            EndpointName="sdk", InferenceComponentName="sdk-second", Body=b"x", ContentType="text/plain"
        )["Body"]
    ).decode()
    for predictor in (first, second):
        predictor.delete_predictor(wait=True)
    first.delete_endpoint()
    return seen


if __name__ == "__main__":
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.2))  # as in `run.py`: the SDK asks every 20 s
    print("\n" + json.dumps(main(*sys.argv[1:])))
