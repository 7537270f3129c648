"""Events: asynchronous invocations, their retries and destinations, and what S3 sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import (
    FAILING,
    MakeFunction,
    code_of,
    invoke,
    text_of,
    unique,
)
from tests.waiting import eventually

RECORDER = """
import boto3, json, os
def handler(event, context):
    boto3.client('s3').put_object(
        Bucket=os.environ['BUCKET'], Key=context.aws_request_id, Body=json.dumps(event).encode())
"""


def images_of(function_arn: str) -> dict[str, Any]:
    """Return a bucket's notifications of what comes and goes below `in/` as `.png`."""
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".png"}]
    configuration = {
        "Id": "images",
        "LambdaFunctionArn": function_arn,
        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    return {"LambdaFunctionConfigurations": [configuration]}


class TestAsynchronous:
    @pytest.fixture
    def bucket(self, client: ClientFactory, role: str) -> str:
        name = unique("records")
        client("s3").create_bucket(Bucket=name)
        client("iam").put_role_policy(
            RoleName=role.rpartition("/")[2],
            PolicyName="everything",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": ["s3:*", "lambda:InvokeFunction"], "Resource": "*"}
                    ],
                }
            ),
        )
        return name

    def recorded(self, client: ClientFactory, bucket: str) -> list[Any]:
        s3 = client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return [json.load(s3.get_object(Bucket=bucket, Key=key)["Body"]) for key in keys]

    def test_event_and_success_destination(
        self, client: ClientFactory, functions: Any, make: MakeFunction, bucket: str
    ) -> None:
        recorder = make(RECORDER, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
        name = make()
        destination = functions.get_function_configuration(FunctionName=recorder)["FunctionArn"]
        put = functions.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": destination}}
        )
        assert put["FunctionArn"].endswith(f":{name}:$LATEST")
        answer = invoke(functions, FunctionName=name, InvocationType="Event", Payload=b'{"n": 5}')
        assert answer["StatusCode"] == 202
        assert answer["Payload"] == b""
        records = eventually(lambda: self.recorded(client, bucket))
        record = records[0]
        assert record["requestContext"]["condition"] == "Success"
        assert record["requestContext"]["requestId"] == answer["ResponseMetadata"]["RequestId"]
        assert record["requestPayload"] == record["responsePayload"] == {"n": 5}

    def test_failure_destination(
        self, client: ClientFactory, functions: Any, make: MakeFunction, bucket: str
    ) -> None:
        recorder = make(RECORDER, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
        name = make(FAILING)
        destination = functions.get_function_configuration(FunctionName=recorder)["FunctionArn"]
        functions.put_function_event_invoke_config(
            FunctionName=name,
            MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": destination}},
        )
        invoke(functions, FunctionName=name, InvocationType="Event", Payload=b"1")
        record = eventually(lambda: self.recorded(client, bucket))[0]
        assert record["requestContext"]["condition"] == "RetriesExhausted"
        assert record["requestContext"]["approximateInvokeCount"] == 1
        assert record["responseContext"]["functionError"] == "Unhandled"
        assert record["responsePayload"]["errorType"] == "ValueError"

    def test_configuration(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        with pytest.raises(ClientError) as error:
            functions.get_function_event_invoke_config(FunctionName=name)
        assert text_of(error).endswith(f"{name}:$LATEST doesn't have an EventInvokeConfig")
        with pytest.raises(ClientError) as error:
            functions.put_function_event_invoke_config(FunctionName=name)
        assert text_of(error) == "You must specify at least one of error handling or destination setting."
        functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
        changed = functions.update_function_event_invoke_config(
            FunctionName=name, MaximumEventAgeInSeconds=100
        )
        assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 100)
        with pytest.raises(ClientError) as error:
            functions.put_function_event_invoke_config(
                FunctionName=name,
                DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:queue"}},
            )
        assert code_of(error) == "NotImplemented"
        assert "SQS" in text_of(error)

    def test_objects_invoke_functions(
        self, client: ClientFactory, functions: Any, make: MakeFunction, bucket: str
    ) -> None:
        s3, source = client("s3"), unique("source")
        s3.create_bucket(Bucket=source)
        name = make(RECORDER, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
        arn = functions.get_function_configuration(FunctionName=name)["FunctionArn"]
        wanted = images_of(arn)
        with pytest.raises(ClientError) as error:
            s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration=wanted)
        assert code_of(error) == "InvalidArgument"
        assert text_of(error) == "Unable to validate the following destination configurations"
        functions.add_permission(
            FunctionName=name,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn=f"arn:aws:s3:::{source}",
            SourceAccount="123456789012",
        )
        s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration=wanted)
        stored = s3.get_bucket_notification_configuration(Bucket=source)["LambdaFunctionConfigurations"]
        assert stored[0]["Events"] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]
        etag = s3.put_object(Bucket=source, Key="in/a cat.png", Body=b"12345")["ETag"]
        s3.put_object(Bucket=source, Key="in/notes.txt", Body=b"1")
        s3.put_object(Bucket=source, Key="out/b.png", Body=b"1")
        s3.delete_object(Bucket=source, Key="in/a cat.png")
        eventually(lambda: len(self.recorded(client, bucket)) == 2)
        events = {one["Records"][0]["eventName"]: one["Records"][0] for one in self.recorded(client, bucket)}
        assert set(events) == {"ObjectCreated:Put", "ObjectRemoved:Delete"}
        made = events["ObjectCreated:Put"]
        assert made["s3"]["object"]["key"] == "in/a+cat.png"
        assert made["s3"]["object"]["size"] == 5
        assert made["s3"]["object"]["eTag"] == etag.strip('"')
        assert made["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{source}"

    def test_queues_of_objects_are_not_built(self, client: ClientFactory, bucket: str) -> None:
        queues = [
            {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"]},
        ]
        with pytest.raises(ClientError) as error:
            client("s3").put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"QueueConfigurations": queues}
            )
        assert code_of(error) == "NotImplemented"
