"""CloudWatch Logs through boto3 and the AWS CLI alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]


@pytest.fixture
def logs(client: Client) -> Any:
    return client("logs")


@pytest.fixture
def group(logs: Any) -> Any:
    name = f"/test/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=name, tags={"team": "a"})
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    yield name
    logs.delete_log_group(logGroupName=name)


def put(logs: Any, group: str, *messages: str, stream: str = "s") -> int:
    now = int(time.time() * 1000)
    events = [{"timestamp": now + i, "message": message} for i, message in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return now


def test_groups_streams_and_their_errors(logs: Any, group: str) -> None:
    with pytest.raises(ClientError) as raised:
        logs.create_log_group(logGroupName=group)
    assert raised.value.response["Error"] == {
        "Code": "ResourceAlreadyExistsException",
        "Message": "The specified log group already exists",
    }
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="log stream does not exist"):
        logs.get_log_events(logGroupName=group, logStreamName="none")
    [found] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["arn"].endswith(f":log-group:{group}:*")
    assert "retentionInDays" not in found
    answer = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="s", limit=1)
    assert [stream["logStreamName"] for stream in answer["logStreams"]] == ["s"]
    assert "nextToken" not in answer
    assert logs.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"] == {"team": "a"}


def test_events_forward_backward_and_later(logs: Any, group: str) -> None:
    put(logs, group, "one", "two", "three")
    page = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)
    assert [event["message"] for event in page["events"]] == ["one", "two", "three"]
    again = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=page["nextForwardToken"])
    assert again["events"] == [] and again["nextForwardToken"] == page["nextForwardToken"]
    time.sleep(0.005)
    put(logs, group, "four")
    later = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=page["nextForwardToken"])
    assert [event["message"] for event in later["events"]] == ["four"]


def test_filter_paginates(logs: Any, group: str) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="t")
    put(logs, group, "ERROR a", "ok", "ERROR b")
    put(logs, group, "ERROR c", '{"level": "ERROR"}', stream="t")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern="ERROR -level", PaginationConfig={"PageSize": 1}
    )
    messages = [event["message"] for page in pages for event in page["events"]]
    assert sorted(messages) == ["ERROR a", "ERROR b", "ERROR c"]
    found = logs.filter_log_events(logGroupName=group, filterPattern='{ $.level = "ERROR" }')
    assert [event["logStreamName"] for event in found["events"]] == ["t"]


def test_retention(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 7
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]


def cli(logs: Any, endpoint_url: str, *arguments: str) -> subprocess.Popen[str]:
    credentials = logs._request_signer._credentials
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_DEFAULT_REGION": logs.meta.region_name,
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "awscli", "logs", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_cli_reads_events(logs: Any, group: str, endpoint_url: str) -> None:
    put(logs, group, "first line", "second line")
    # Version 1 of the CLI has no `logs tail`; its filter-log-events is the same call.
    with cli(
        logs, endpoint_url, "filter-log-events", "--log-group-name", group, "--output", "text"
    ) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "first line" in output and "second line" in output


def test_a_protected_group_is_deleted_only_after_the_protection_is_taken_off(logs: Any) -> None:
    logs.create_log_group(logGroupName="/kept", deletionProtectionEnabled=True)
    with pytest.raises(ClientError, match="deletion protection"):
        logs.delete_log_group(logGroupName="/kept")
    logs.put_log_group_deletion_protection(logGroupIdentifier="/kept", deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="/kept")
    assert logs.describe_log_groups(logGroupNamePrefix="/kept")["logGroups"] == []
