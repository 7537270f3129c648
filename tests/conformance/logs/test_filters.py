"""Metric and subscription filters of CloudWatch Logs, with the functions and metrics that they feed."""

from __future__ import annotations

import base64
import gzip
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.running import LAMBDA_RUNTIME
from tests.waiting import eventually

KEEPER = """
import boto3, json
def handler(event, context):
    bucket, key = BUCKET, context.aws_request_id
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(event))
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture
def logs(client: ClientFactory) -> Any:
    return client("logs")


@pytest.fixture
def group(logs: Any) -> Iterator[str]:
    name = f"/filtered/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    yield name
    logs.delete_log_group(logGroupName=name)


def put(logs: Any, group: str, *messages: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


@pytest.fixture(scope="module")
def keeper(client: ClientFactory) -> Iterator[tuple[str, str]]:
    """A function that keeps its events in a bucket: (ARN, bucket)."""
    iam, s3, functions = client("iam"), client("s3"), client("lambda")
    name = f"keeper-{uuid.uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    s3.create_bucket(Bucket=name)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("code.py", KEEPER.replace("BUCKET", repr(name)))
    made = functions.create_function(
        FunctionName=name,
        Runtime=LAMBDA_RUNTIME,
        Role=role,
        Handler="code.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=30,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    yield made["FunctionArn"], name
    functions.delete_function(FunctionName=name)
    for one in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=one["Key"])
    s3.delete_bucket(Bucket=name)
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)


class TestSubscriptions:
    def test_a_function_gets_what_matches(
        self, client: ClientFactory, logs: Any, group: str, keeper: tuple[str, str]
    ) -> None:
        arn, bucket = keeper
        wanted = {
            "logGroupName": group,
            "filterName": "errors",
            "filterPattern": '{ $.level = "ERROR" }',
            "destinationArn": arn,
        }
        with pytest.raises(ClientError) as error:
            logs.put_subscription_filter(**wanted)
        assert error.value.response["Error"] == {
            "Code": "InvalidParameterException",
            "Message": "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
            "permission to execute your function.",
        }
        client("lambda").add_permission(
            FunctionName=arn,
            StatementId=uuid.uuid4().hex,
            Action="lambda:InvokeFunction",
            Principal="logs.amazonaws.com",
            SourceArn=f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*",
            SourceAccount="123456789012",
        )
        logs.put_subscription_filter(**wanted)
        [found] = logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"]
        assert (found["destinationArn"], found["distribution"]) == (arn, "ByLogStream")
        put(logs, group, '{"level": "INFO"}', '{"level": "ERROR", "n": 1}')
        s3 = client("s3")
        [kept] = eventually(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
        event = json.loads(s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read())
        message = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
        assert message["messageType"] == "DATA_MESSAGE"
        assert (message["owner"], message["logGroup"]) == ("123456789012", group)
        assert [one["message"] for one in message["logEvents"]] == ['{"level": "ERROR", "n": 1}']
        logs.delete_subscription_filter(logGroupName=group, filterName="errors")
        assert logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"] == []

    @pytest.mark.parametrize(
        ("change", "code", "text"),
        [
            (
                {"logGroupName": "/none"},
                "ResourceNotFoundException",
                "The specified log group does not exist.",
            ),
            ({"filterPattern": "{ $.a"}, "InvalidParameterException", "Invalid filter pattern"),
            (
                {"destinationArn": "arn:aws:s3:::bucket"},
                "InvalidParameterException",
                "PutSubscriptionFilter operation cannot work with destinationArn for vendor s3",
            ),
            (
                {"roleArn": "arn:aws:iam::123456789012:role/r"},
                "InvalidParameterException",
                "destinationArn for vendor lambda cannot be used with roleArn",
            ),
            (
                {"destinationArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"},
                "NotImplemented",
                None,
            ),
        ],
    )
    def test_refused(
        self, logs: Any, group: str, change: dict[str, str], code: str, text: str | None
    ) -> None:
        wanted = {
            "logGroupName": group,
            "filterName": "f",
            "filterPattern": "",
            "destinationArn": "arn:aws:lambda:us-east-1:123456789012:function:none",
        }
        with pytest.raises(ClientError) as error:
            logs.put_subscription_filter(**{**wanted, **change})
        found = error.value.response["Error"]
        assert (found["Code"], text or found["Message"]) == (code, found["Message"])

    def test_deleting_what_is_not_there(self, logs: Any, group: str) -> None:
        with pytest.raises(logs.exceptions.ResourceNotFoundException):
            logs.delete_subscription_filter(logGroupName=group, filterName="none")
        with pytest.raises(logs.exceptions.ResourceNotFoundException):
            logs.delete_metric_filter(logGroupName=group, filterName="none")


class TestMetrics:
    def test_fields_become_data(self, client: ClientFactory, logs: Any, group: str) -> None:
        namespace = uuid.uuid4().hex
        logs.put_metric_filter(
            logGroupName=group,
            filterName="bytes",
            filterPattern="[ip, request, status = 2*, bytes]",
            metricTransformations=[
                {
                    "metricName": "Bytes",
                    "metricNamespace": namespace,
                    "metricValue": "$bytes",
                    "unit": "Bytes",
                    "dimensions": {"Status": "$status"},
                }
            ],
        )
        put(logs, group, '1.2.3.4 "GET /" 200 700', '1.2.3.4 "GET /" 404 9', '1.2.3.4 "PUT /" 200 34')
        directive = {"Namespace": namespace, "Dimensions": [["Status"]], "Metrics": [{"Name": "Embedded"}]}
        embedded = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
        put(logs, group, json.dumps({"_aws": embedded, "Status": "200", "Embedded": [3, 4.5]}))
        cloudwatch = client("cloudwatch")

        def total(name: str) -> float:
            now = time.time()
            points = cloudwatch.get_metric_statistics(
                Namespace=namespace,
                MetricName=name,
                Dimensions=[{"Name": "Status", "Value": "200"}],
                StartTime=now - 300,
                EndTime=now + 300,
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            return sum(point["Sum"] for point in points)

        assert eventually(lambda: total("Bytes") == 734.0)
        assert eventually(lambda: total("Embedded") == 7.5)
        [found] = logs.describe_metric_filters(metricName="Bytes", metricNamespace=namespace)["metricFilters"]
        assert (found["filterName"], found["logGroupName"]) == ("bytes", group)

    def test_trying_a_pattern(self, logs: Any) -> None:
        answer = logs.test_metric_filter(
            filterPattern="[..., size > 10]", logEventMessages=["a 9", "b c 11", "12"]
        )
        assert answer["matches"] == [
            {
                "eventNumber": 2,
                "eventMessage": "b c 11",
                "extractedValues": {"$1": "b", "$2": "c", "$size": "11"},
            },
            {"eventNumber": 3, "eventMessage": "12", "extractedValues": {"$size": "12"}},
        ]
        with pytest.raises(logs.exceptions.InvalidParameterException):
            logs.test_metric_filter(filterPattern="[a", logEventMessages=["x"])
