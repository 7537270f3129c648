"""CloudWatch metrics through boto3 alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

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
