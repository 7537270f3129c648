"""CloudWatch metrics through boto3 alone."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from PIL import Image

Client = Callable[..., Any]


@pytest.fixture
def cloudwatch(client: Client) -> Any:
    return client("cloudwatch")


@pytest.fixture
def namespace() -> str:
    return f"Test/{uuid.uuid4().hex}"


def put(cloudwatch: Any, namespace: str, **datum: Any) -> datetime:
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    dimensions = [{"Name": "Endpoint", "Value": "e"}]
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[{"MetricName": "m", "Dimensions": dimensions, "Timestamp": at, **datum}],
    )
    return at


def test_statistics(cloudwatch: Any, namespace: str) -> None:
    at = put(cloudwatch, namespace, Values=[1.0, 2.0, 3.0, 4.0], Unit="Milliseconds")
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="m",
        Dimensions=[{"Name": "Endpoint", "Value": "e"}],
        StartTime=at - timedelta(minutes=5),
        EndTime=at + timedelta(minutes=5),
        Period=60,
        Statistics=["Sum", "Average"],
        ExtendedStatistics=["p50"],
    )
    assert answer["Label"] == "m"
    [point] = answer["Datapoints"]
    assert point == {
        "Timestamp": point["Timestamp"],
        "Sum": 10.0,
        "Average": 2.5,
        "ExtendedStatistics": {"p50": 2.0},
        "Unit": "Milliseconds",
    }
    assert point["Timestamp"] == at


def test_metric_data_with_math(cloudwatch: Any, namespace: str) -> None:
    at = put(cloudwatch, namespace, Value=4.0)
    metric = {
        "Namespace": namespace,
        "MetricName": "m",
        "Dimensions": [{"Name": "Endpoint", "Value": "e"}],
    }
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
            {"Id": "half", "Expression": "m1 / 2", "Label": "Half"},
        ],
        StartTime=at - timedelta(minutes=5),
        EndTime=at + timedelta(minutes=5),
    )
    results = {result["Id"]: result for result in answer["MetricDataResults"]}
    assert results["m1"]["Values"] == [4.0] and results["m1"]["Timestamps"] == [at]
    assert results["half"]["Values"] == [2.0] and results["half"]["Label"] == "Half"


def test_list_metrics(cloudwatch: Any, namespace: str) -> None:
    put(cloudwatch, namespace, Value=1.0)
    pages = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace=namespace, Dimensions=[{"Name": "Endpoint"}]
    )
    [metric] = [metric for page in pages for metric in page["Metrics"]]
    assert metric["Dimensions"] == [{"Name": "Endpoint", "Value": "e"}]


def test_errors(cloudwatch: Any, namespace: str) -> None:
    with pytest.raises(ClientError) as raised:
        put(cloudwatch, "AWS/Mine", Value=1.0)
    assert raised.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(ClientError) as raised:
        put(cloudwatch, namespace, Value=1.0, Values=[1.0])
    assert raised.value.response["Error"]["Code"] == "InvalidParameterCombination"


@pytest.mark.parametrize(
    "query",
    [
        {"Expression": 'SELECT AVG(m) FROM "n"', "Period": 60},
        {"Expression": "TIME_SERIES(1)", "Label": "${MAX}"},
    ],
)
def test_queries_that_are_not_built(cloudwatch: Any, query: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ClientError) as error:
        cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "q", **query}], StartTime=now - timedelta(minutes=5), EndTime=now
        )
    assert error.value.response["Error"]["Code"] == "NotImplemented"


def test_a_widget_is_drawn(cloudwatch: Any, namespace: str, client: Client) -> None:
    put(cloudwatch, namespace, Value=1.0)
    metric = [namespace, "m", "Endpoint", "e", {"color": "#0a0b0c"}]
    widget = json.dumps({"metrics": [metric], "view": "bar", "period": 60, "liveData": True, "height": 200})
    picture = cloudwatch.get_metric_widget_image(MetricWidget=widget)["MetricWidgetImage"]
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    assert image.size == (600, 200)
    assert sum(count for count, color in image.getcolors(1 << 16) or () if color == (10, 11, 12)) > 1000
    # "custom HTTP requests" have the picture as the answer's body.
    bodies: list[tuple[str, bytes]] = []
    events = cloudwatch.meta.events
    events.register("before-parse", lambda response_dict, **_: bodies.append(_raw(response_dict)))
    with pytest.raises((ResponseParserError, UnicodeDecodeError)):  # boto3 reads no PNG
        cloudwatch.get_metric_widget_image(MetricWidget=widget, OutputFormat="image/png")
    assert bodies == [("image/png", picture)]


def _raw(response: dict[str, Any]) -> tuple[str, bytes]:
    return response["headers"]["Content-Type"], response["body"]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("put_anomaly_detector", {"Namespace": "N", "MetricName": "m", "Stat": "Average"}),
        ("describe_anomaly_detectors", {}),
        ("delete_anomaly_detector", {"Namespace": "N", "MetricName": "m", "Stat": "Average"}),
        (
            "put_metric_alarm",
            {
                "AlarmName": "band", "EvaluationPeriods": 1, "ThresholdMetricId": "band",
                "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
                "Metrics": [
                    {"Id": "m", "MetricStat": {"Metric": {"MetricName": "m"}, "Period": 60, "Stat": "Sum"}},
                    {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"},
                ],
            },
        ),
    ],
)  # fmt: skip
def test_anomaly_detection_names_itself(cloudwatch: Any, operation: str, members: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloudwatch, operation)(**members)
    error = refused.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("NotImplemented", 501)
    assert "nomaly" in error["Error"]["Message"] or "ThresholdMetricId" in error["Error"]["Message"]
