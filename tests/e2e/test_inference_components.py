"""Inference components: with boto3 to zero copies and instances and back, and with the SageMaker SDK v2.

The platform's clock runs 120 times as fast: two minutes of alarms and cooldowns are a second.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e import story
from tests.e2e.conftest import shell_environment
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(300)]

HANDLER = """
import os
def model_fn(model_dir): return open(os.path.join(model_dir, "word")).read()
def input_fn(body, content_type): return body
def predict_fn(data, model): return model
def output_fn(prediction, accept): return prediction, "text/plain"
"""
SCALE = ("--time-scale", "120")
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/one",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
OF_ONE: dict[str, Any] = {
    "Namespace": "AWS/SageMaker",
    "Dimensions": [{"Name": "InferenceComponentName", "Value": "one"}],
}
# The first model's container, in the place of a model.
CONTAINER = {"Image": story.IMAGE, "ArtifactUrl": "s3://words/one.tar.gz"}


@pytest.fixture(scope="module")
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path_factory.mktemp("components") / "data")
    running.start(*SCALE)
    s3 = story.client(running, "s3")
    s3.create_bucket(Bucket="words")
    for word in ("one", "two"):
        content = story.archive({"word": word, "code/inference.py": HANDLER})
        s3.put_object(Bucket="words", Key=f"{word}.tar.gz", Body=content)
    yield running
    running.stop()


def test_copies_and_instances_go_to_zero_and_come_back(sagehen: RunningSagehen) -> None:
    """Documented: SageMaker Developer Guide, Scale an endpoint to zero instances."""
    scaling = story.client(sagehen, "application-autoscaling")
    _deploy(sagehen)
    eventually(lambda: _state(sagehen) == ("InService", 1, 1))
    assert _ask(sagehen) == b"one"

    scaling.register_scalable_target(**TARGET, MinCapacity=0, MaxCapacity=2)
    assert _alarms_of_tracking(sagehen) == [
        (10, 3, "ConcurrentRequestsPerCopy"), (10, 90, "ConcurrentRequestsPerCopy"),
    ]  # fmt: skip
    _wake_when_asked(sagehen)
    # Target tracking takes a quarter of an hour for it; bounds do it at once, and by the same way. Five
    # minutes later nothing is left of the instance.
    scaling.register_scalable_target(**TARGET, MaxCapacity=0)
    eventually(lambda: _state(sagehen) == ("InService", 0, 0), 120)
    scaling.register_scalable_target(**TARGET, MaxCapacity=2)
    with pytest.raises(ClientError, match="Inference Component has no capacity"):
        _ask(sagehen)
    eventually(lambda: _state(sagehen) == ("InService", 1, 1), 120)
    assert _ask(sagehen) == b"one"


def test_nothing_accepted_is_lost_in_an_update_nor_by_a_death(sagehen: RunningSagehen) -> None:
    sagemaker = story.client(sagehen, "sagemaker")
    scaling = story.client(sagehen, "application-autoscaling")
    scaling.deregister_scalable_target(**TARGET)
    answers: list[bytes] = []
    asking = threading.Event()

    def keep_asking() -> None:
        while not asking.is_set():
            answers.append(_ask(sagehen))

    caller = threading.Thread(target=keep_asking)
    caller.start()
    try:
        container = {"Container": {"ArtifactUrl": "s3://words/two.tar.gz"}}
        sagemaker.update_inference_component(
            InferenceComponentName="one", Specification=container, RuntimeConfig={"CopyCount": 2}
        )
        eventually(lambda: _state(sagehen)[:2] == ("InService", 2), 120)
    finally:
        asking.set()
        caller.join()
    assert answers[0] == b"one" and set(answers) <= {b"one", b"two"} and _ask(sagehen) == b"two"
    sagehen.kill()
    sagehen.start(*SCALE)
    assert _ask(sagehen) == b"two"  # it waited for a copy to be back
    sagemaker = story.client(sagehen, "sagemaker")
    sagemaker.delete_inference_component(InferenceComponentName="one")
    eventually(lambda: not sagemaker.list_inference_components()["InferenceComponents"])
    logged = story.client(sagehen, "logs").filter_log_events(
        logGroupName="/aws/sagemaker/InferenceComponents/one"
    )
    assert logged["events"]
    sagemaker.delete_endpoint(EndpointName="words")


def test_the_sdk_deploys_asks_updates_and_deletes(sagehen: RunningSagehen, tmp_path: Path) -> None:
    notebook = Path(__file__).parent / "notebook/components.py"
    ran = subprocess.run(
        [sys.executable, str(notebook), story.ROLE, story.IMAGE, "s3://words/one.tar.gz", "s3://words/two.tar.gz"],
        # As root: a role's session of an hour has half a minute here.
        env=shell_environment(sagehen),
        cwd=tmp_path, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert seen["answers"] == ["one", "two"] and seen["streamed"] == "two"
    needs = {"MinMemoryRequiredInMb": 512, "NumberOfCpuCoresRequired": 0.5}
    assert seen["updated"] == [needs, {"DesiredCopyCount": 2, "CurrentCopyCount": 2}, "one"]
    assert seen["names"] == ["sdk-first", "sdk-second"]


def _deploy(sagehen: RunningSagehen) -> None:
    """Make an endpoint that may come to have no instances, and the component on it."""
    sagemaker = story.client(sagehen, "sagemaker")
    host = {
        "VariantName": "v",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2},
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="words", ExecutionRoleArn=story.ROLE, ProductionVariants=[host]
    )
    sagemaker.create_endpoint(EndpointName="words", EndpointConfigName="words")
    assert story.in_service(sagehen, "words") == "InService"
    needs = {"MinMemoryRequiredInMb": 512, "NumberOfCpuCoresRequired": 1}
    sagemaker.create_inference_component(
        InferenceComponentName="one",
        EndpointName="words",
        Specification={"Container": CONTAINER, "ComputeResourceRequirements": needs},
        RuntimeConfig={"CopyCount": 1},
    )


def _alarms_of_tracking(sagehen: RunningSagehen) -> list[tuple[int, int, str]]:
    """Return the alarms that a policy of target tracking makes; the policy goes again.

    A slow machine's quarter of an hour may be over before the copy that is woken is asked.
    """
    scaling = story.client(sagehen, "application-autoscaling")
    tracked = {
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
        },
        "TargetValue": 5.0,
    }
    policy = scaling.put_scaling_policy(
        **TARGET, PolicyName="load", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracked,
    )  # fmt: skip
    names = [one["AlarmName"] for one in policy["Alarms"]]
    found = story.client(sagehen, "cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    scaling.delete_scaling_policy(**TARGET, PolicyName="load")
    return sorted((one["Period"], one["EvaluationPeriods"], one["MetricName"]) for one in found)


def _wake_when_asked(sagehen: RunningSagehen) -> None:
    """Have a copy added when a request finds none."""
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    step = story.client(sagehen, "application-autoscaling").put_scaling_policy(
        **TARGET, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps
    )
    story.client(sagehen, "cloudwatch").put_metric_alarm(
        AlarmName="asked", MetricName="NoCapacityInvocationFailures", **OF_ONE, Period=60, Statistic="Sum",
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[step["PolicyARN"]],
    )  # fmt: skip


def _ask(sagehen: RunningSagehen) -> bytes:
    answer = story.client(sagehen, "sagemaker-runtime").invoke_endpoint(
        EndpointName="words", InferenceComponentName="one", Body=b"x", ContentType="text/plain"
    )
    body: bytes = answer["Body"].read()
    return body


def _state(sagehen: RunningSagehen) -> tuple[str, int, int]:
    """Return the component's status, its copies, and the endpoint's instances."""
    sagemaker = story.client(sagehen, "sagemaker")
    component = sagemaker.describe_inference_component(InferenceComponentName="one")
    (variant,) = sagemaker.describe_endpoint(EndpointName="words")["ProductionVariants"]
    copies, instances = component["RuntimeConfig"]["CurrentCopyCount"], variant["CurrentInstanceCount"]
    return component["InferenceComponentStatus"], copies, instances
