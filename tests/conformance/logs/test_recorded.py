"""What CloudWatch Logs answered, as public recordings have it."""

from __future__ import annotations

import uuid

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory


def test_groups_and_streams(client: ClientFactory) -> None:
    logs, group = client("logs"), f"/test/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    try:
        logs.create_log_stream(logGroupName=group, logStreamName="s")
        arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["logGroupArn"]
        names = {"logGroupName": group, "logStreamName": "s"}
        for call, request in (
            (logs.get_log_events, {**names, "limit": 10_001}),
            (logs.filter_log_events, {"logGroupName": group, "limit": 10_001}),
        ):
            with pytest.raises(ClientError) as refused:
                call(**request)
            assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
        [found] = logs.describe_log_groups(logGroupNamePattern=group[5:])["logGroups"]
        assert "deletionProtectionEnabled" not in found
        for named in (
            {"logGroupName": group},
            {"logGroupIdentifier": group},
            {"logGroupIdentifier": arn},
            {"logGroupName": group, "logStreamNamePrefix": "s"},
        ):
            [stream] = logs.describe_log_streams(**named)["logStreams"]
            assert "uploadSequenceToken" not in stream and "firstEventTimestamp" not in stream
            assert stream["arn"] == f"{arn}:log-stream:s"
        with pytest.raises(ClientError) as refused:
            logs.describe_log_streams(logGroupName=group, logGroupIdentifier=arn)
        assert refused.value.response["Error"] == {
            "Code": "ValidationException",
            "Message": "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
        }
    finally:
        logs.delete_log_group(logGroupName=group)
