"""What becomes of requests besides an answer: kept, copied to a shadow, answered later; to zero and back.

The platform's clock runs sixty times as fast: a minute of alarms and cooldowns is a second.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e import story
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [pytest.mark.sandbox, pytest.mark.once, pytest.mark.timeout(300)]

HANDLER = """
import time
def model_fn(model_dir): return None
def input_fn(body, content_type): return body if isinstance(body, bytes) else body.encode()
def predict_fn(data, model):
    if data == b"fail": raise ValueError("told to")
    if data.startswith(b"slow"): time.sleep(0.2)
    return data
def output_fn(prediction, accept): return prediction, "text/csv"
"""
SCALE = ("--time-scale", "60")
RESOURCE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/later/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
BACKLOG: dict[str, Any] = {
    "Namespace": "AWS/SageMaker",
    "Dimensions": [{"Name": "EndpointName", "Value": "later"}],
    "Statistic": "Average",
}


@pytest.fixture(scope="module")
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    """Two endpoints come up side by side: one answers at once and is captured, the other answers later."""
    running = RunningSagehen(tmp_path_factory.mktemp("later") / "data")
    running.start(*SCALE)
    s3, sagemaker = story.client(running, "s3"), story.client(running, "sagemaker")
    s3.create_bucket(Bucket="later")
    s3.put_object(Bucket="later", Key="model.tar.gz", Body=story.archive({"code/inference.py": HANDLER}))
    container = {
        "Image": story.IMAGE,
        "ModelDataUrl": "s3://later/model.tar.gz",
        "Environment": {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"},
    }
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=story.ROLE, PrimaryContainer=container)
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://later/captured",
        "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    later = {"OutputConfig": {"S3OutputPath": "s3://later/answers", "S3FailurePath": "s3://later/errors"}}
    more: dict[str, dict[str, Any]] = {
        "kept": {
            "DataCaptureConfig": capture,
            "ShadowProductionVariants": [{**variant, "VariantName": "shadow"}],
        },
        "later": {"AsyncInferenceConfig": later},
    }
    for name, config in more.items():
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **config)
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    for name in more:
        assert story.in_service(running, name) == "InService"
    yield running
    running.stop()


def test_requests_are_captured_and_copied_to_the_shadow(sagehen: RunningSagehen) -> None:
    runtime, sagemaker = story.client(sagehen, "sagemaker-runtime"), story.client(sagehen, "sagemaker")
    described = sagemaker.describe_endpoint(EndpointName="kept")
    assert described["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert [v["VariantName"] for v in described["ShadowProductionVariants"]] == ["shadow"]
    for number in range(3):
        answer = runtime.invoke_endpoint(
            EndpointName="kept", ContentType="text/csv", Body=b"%d,2" % number, InferenceId=f"id-{number}"
        )
        assert (answer["Body"].read(), answer["InvokedProductionVariant"]) == (b"%d,2" % number, "v")
    eventually(lambda: len(_captured(sagehen)) == 6)
    captured = _captured(sagehen)
    assert Counter(variant for variant, _ in captured) == {"v": 3, "shadow": 3}
    for _, line in captured:
        data, about = line["captureData"], line["eventMetadata"]
        assert data["endpointInput"]["data"] == data["endpointOutput"]["data"]
        assert data["endpointInput"]["data"] == f"{about['inferenceId'][-1]},2"


def _captured(sagehen: RunningSagehen) -> list[tuple[str, dict[str, Any]]]:
    """Return (variant, line) of what was captured."""
    s3 = story.client(sagehen, "s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="later", Prefix="captured/").get("Contents", ())]
    return [
        (key.split("/")[2], json.loads(line))
        for key in keys
        for line in s3.get_object(Bucket="later", Key=key)["Body"].read().splitlines()
    ]


def test_what_was_accepted_is_answered_after_a_kill_too(sagehen: RunningSagehen) -> None:
    runtime, s3 = story.client(sagehen, "sagemaker-runtime"), story.client(sagehen, "s3")
    s3.put_object(Bucket="later", Key="in/1", Body=b"from S3")
    asked = {"InputLocation": "s3://later/in/1", "InferenceId": "mine", "Accept": "text/csv"}
    answer = runtime.invoke_endpoint_async(EndpointName="later", **asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202 and answer["InferenceId"] == "mine"
    assert _content(sagehen, answer["OutputLocation"]) == b"from S3"
    failed = runtime.invoke_endpoint_async(EndpointName="later", Body=b"fail")
    assert b"told to" in _content(sagehen, failed["FailureLocation"])
    for call in (
        lambda: runtime.invoke_endpoint(EndpointName="later", Body=b"x"),
        lambda: runtime.invoke_endpoint_async(EndpointName="kept", Body=b"x"),
        lambda: runtime.invoke_endpoint_async(EndpointName="later"),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "ValidationError"
    places = [
        runtime.invoke_endpoint_async(EndpointName="later", Body=b"slow %d" % number)["OutputLocation"]
        for number in range(8)
    ]
    sagehen.kill()
    sagehen.start(*SCALE)
    assert [_content(sagehen, place) for place in places] == [b"slow %d" % number for number in range(8)]


def test_an_endpoint_without_work_has_no_instance_and_the_next_request_brings_one(
    sagehen: RunningSagehen,
) -> None:
    """Documented: SageMaker Developer Guide, Autoscale an asynchronous endpoint."""
    scaling, alarms = story.client(sagehen, "application-autoscaling"), story.client(sagehen, "cloudwatch")
    runtime = story.client(sagehen, "sagemaker-runtime")
    eventually(lambda: _instances(sagehen) == (1, 1), 90)
    # Target tracking takes a quarter of an hour for it; bounds do it at once, and by the same way.
    scaling.register_scalable_target(**RESOURCE, MinCapacity=0, MaxCapacity=0)
    eventually(lambda: _instances(sagehen) == (0, 0), 120)
    scaling.register_scalable_target(**RESOURCE, MaxCapacity=1)
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    first = scaling.put_scaling_policy(
        **RESOURCE, PolicyName="first", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps
    )
    alarms.put_metric_alarm(
        AlarmName="waits", MetricName="HasBacklogWithoutCapacity", **BACKLOG, Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="missing",
        AlarmActions=[first["PolicyARN"]],
    )  # fmt: skip
    place = runtime.invoke_endpoint_async(EndpointName="later", Body=b"first")["OutputLocation"]
    assert _content(sagehen, place) == b"first"
    names = {one["MetricName"] for one in alarms.list_metrics(Namespace="AWS/SageMaker", Dimensions=[
        {"Name": "EndpointName", "Value": "later"}])["Metrics"]}  # fmt: skip
    assert {"InvocationsProcessed", "InvocationFailures", "TimeInBacklog", "ModelLatency"} <= names
    assert not {"Invocations", "OverheadLatency"} & names


def _content(sagehen: RunningSagehen, place: str) -> bytes:
    """Return an object's content once it is there."""
    s3 = story.client(sagehen, "s3")
    bucket, _, key = place.removeprefix("s3://").partition("/")

    def look() -> bytes | None:
        try:
            content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return content

    return eventually(look, 120) or b""


def _instances(sagehen: RunningSagehen) -> tuple[int, int] | None:
    """Return (current, desired) once the endpoint is InService."""
    described = story.client(sagehen, "sagemaker").describe_endpoint(EndpointName="later")
    if described["EndpointStatus"] != "InService":
        return None
    (variant,) = described["ProductionVariants"]
    return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]
