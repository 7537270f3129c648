"""Logs Insights through boto3: a query, its results, and what a malformed one is answered."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.waiting import eventually


def test_a_query_from_start_to_results(client: ClientFactory) -> None:
    logs = client("logs")
    group = f"/asked/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time())
    lines = [
        f'{{"level": "{level}", "ms": {ms}}}' for level, ms in (("INFO", 10), ("ERROR", 20), ("ERROR", 40))
    ]
    events = [{"timestamp": now * 1000 + n, "message": line} for n, line in enumerate(lines)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    asked = {"logGroupName": group, "startTime": now - 60, "endTime": now + 60}

    def ask(query: str) -> Any:
        query_id = logs.start_query(**asked, queryString=query)["queryId"]
        found: Any = eventually(
            lambda: (got := logs.get_query_results(queryId=query_id))["status"] == "Complete" and got
        )
        return found

    found = ask('filter level = "ERROR" | stats avg(ms) as took, count(*) by level')
    assert found["results"] == [
        [
            {"field": "level", "value": "ERROR"},
            {"field": "took", "value": "30"},
            {"field": "count(*)", "value": "2"},
        ]
    ]
    statistics = found["statistics"]
    assert (statistics["recordsMatched"], statistics["recordsScanned"]) == (2.0, 3.0)
    [newest] = ask("fields ms | limit 1")["results"]
    assert newest[0] == {"field": "ms", "value": "40"}
    assert logs.get_log_record(logRecordPointer=newest[1]["value"])["logRecord"]["level"] == "ERROR"
    with pytest.raises(logs.exceptions.MalformedQueryException) as error:
        logs.start_query(**asked, queryString="fields ms | where ms = 1")
    said = "unexpected symbol found where at line 1 and position 12"
    assert error.value.response["Error"]["Message"] == said
    assert error.value.response["queryCompileError"] == {
        "location": {"startCharOffset": 12, "endCharOffset": 17},
        "message": said,
    }
    with pytest.raises(ClientError) as refused:
        logs.start_query(**asked, queryString="pattern @message")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    logs.delete_log_group(logGroupName=group)
