"""Every text that AWS's models know of what ends in a sandbox, with a NUL in it.

`test_smuggled_texts` tries many texts in requests written by hand; here the models say what there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance import test_smuggled_texts as by_hand
from tests.conformance.lambda_.calls import ECHO, zipped
from tests.conformance.sagemaker.test_training import Stage
from tests.members.probes import Known, probes
from tests.running import LAMBDA_RUNTIME

# Shown to people, stored, or compared; no process is given them, nor a file of one.
PROSE = {
    "ContentType", "DebugHookConfig", "DebugRuleConfigurations", "Description", "LicenseInfo",
    "MetricDefinitions", "ProfilerConfig", "ProfilerRuleConfigurations", "Tags", "Value",
}  # fmt: skip


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    return Stage(client)


def requests(client: Any, operation: str, base: dict[str, Any], known: Known) -> Iterator[tuple[Any, ...]]:
    """Yield (place, request with NUL in the text there): of the base's texts and of every other member's."""
    model = client.meta.service_model.operation_model(operation)
    whole = [((), base), *probes(model, base, known)]
    seen = set()
    for _, request in whole:
        for place in by_hand.texts(request):
            if place not in seen:
                seen.add(place)
                yield place, by_hand.with_text(request, place, by_hand.NUL)


def tried(client: Any, operation: str, call: Any, base: dict[str, Any], known: Known) -> dict[Any, int]:
    """Return the status of each request by its place."""
    return {
        place: by_hand.answered(call, request) for place, request in requests(client, operation, base, known)
    }


def accepted(statuses: dict[Any, int]) -> list[Any]:
    return [place for place, status in statuses.items() if status < 400 and not PROSE.intersection(place)]


def test_sagemaker(stage: Stage) -> None:
    sagemaker = stage.sagemaker
    known = {"rolearn": [stage.role_arn], "executionrolearn": [stage.role_arn]}
    model = by_hand.model(stage)

    def create_model(**request: Any) -> Any:
        answer = sagemaker.create_model(**request)
        sagemaker.delete_model(ModelName=request["ModelName"])
        return answer

    def create_job(**request: Any) -> Any:
        answer = sagemaker.create_training_job(**request)
        sagemaker.stop_training_job(TrainingJobName=request["TrainingJobName"])
        stage.ended(request["TrainingJobName"])
        sagemaker.delete_training_job(TrainingJobName=request["TrainingJobName"])
        return answer

    def create_config(**request: Any) -> Any:
        answer = sagemaker.create_endpoint_config(**request)
        sagemaker.delete_endpoint_config(EndpointConfigName=request["EndpointConfigName"])
        return answer

    models = tried(sagemaker, "CreateModel", create_model, model, known)
    assert len(models) > 20
    assert accepted(models) == []
    jobs = tried(sagemaker, "CreateTrainingJob", create_job, by_hand.job(stage), known)
    assert len(jobs) > 60
    assert not (taken := accepted(jobs)), "\n".join(map(str, taken))
    sagemaker.create_model(**model)
    variant = {"VariantName": "v", "ModelName": model["ModelName"], "InitialInstanceCount": 1,
               "InstanceType": "ml.m5.large"}  # fmt: skip
    config = {"EndpointConfigName": "smuggled", "ProductionVariants": [variant]}
    configs = tried(sagemaker, "CreateEndpointConfig", create_config, config, known)
    sagemaker.delete_model(ModelName=model["ModelName"])
    assert len(configs) > 20
    assert accepted(configs) == []


def test_lambda(client: Any, lambda_role: str) -> None:
    functions, role = client("lambda"), lambda_role
    base = by_hand.function(role)
    known = {"role": [role], "runtime": [LAMBDA_RUNTIME]}

    def create(**request: Any) -> Any:
        answer = functions.create_function(**request)
        functions.delete_function(FunctionName=request["FunctionName"])
        return answer

    created = tried(functions, "CreateFunction", create, base, known)
    assert len(created) > 20
    assert accepted(created) == []
    functions.create_function(**base)
    change = {name: value for name, value in base.items() if name not in ("Code",)}
    changed = tried(
        functions, "UpdateFunctionConfiguration", functions.update_function_configuration, change, known
    )
    assert len(changed) > 15
    assert accepted(changed) == []
    layer = {"LayerName": "smuggled", "Content": {"ZipFile": zipped(app__py=ECHO)}, "Description": "prose"}
    published = tried(functions, "PublishLayerVersion", functions.publish_layer_version, layer, known)
    functions.delete_function(FunctionName=base["FunctionName"])
    assert len(published) > 5
    assert accepted(published) == []
