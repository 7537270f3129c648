"""Metrics, tags, and operations that are not there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import (
    MakeFunction,
    code_of,
    invoke,
)
from tests.waiting import eventually


class TestMetricsAndTags:
    def test_metrics(self, client: ClientFactory, functions: Any, make: MakeFunction) -> None:
        name = make()
        for _ in range(3):
            invoke(functions, FunctionName=name)
        cloudwatch = client("cloudwatch")

        def total(metric: str) -> float:
            now = time.time()
            points = cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName=metric,
                Dimensions=[{"Name": "FunctionName", "Value": name}],
                StartTime=now - 120,
                EndTime=now + 60,
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            return sum(point["Sum"] for point in points)

        assert eventually(lambda: total("Invocations") == 3)
        assert total("Errors") == 0
        assert total("Duration") > 0

    def test_tags(self, functions: Any, make: MakeFunction) -> None:
        arn = functions.get_function_configuration(FunctionName=make())["FunctionArn"]
        functions.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
        functions.untag_resource(Resource=arn, TagKeys=["a"])
        assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"}
        with pytest.raises(ClientError) as error:
            functions.list_tags(Resource=f"{arn}:1")
        assert code_of(error) == "InvalidParameterValueException"


DURABLE = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/one/two"


def test_undeclared_operations_say_so(functions: Any) -> None:
    for call in (
        functions.list_capacity_providers,
        lambda: functions.get_durable_execution(DurableExecutionArn=DURABLE),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert code_of(error) == "NotImplemented"
