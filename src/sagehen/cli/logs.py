"""`sagehen logs GROUP --follow`."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.traffic.durations import parse_duration

_POLL_S = 0.5


def show(data_folder: Path, group: str, *, follow: bool, since: str, stream_prefix: str | None) -> None:
    """Print the events of a group in time order, as `time stream message`."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        fail(str(reason))
    try:
        start_ms = int((time.time() - parse_duration(since)) * 1000)
    except ValueError as error:
        fail(f"--since: {error}")
    from botocore.exceptions import BotoCoreError

    client = running.client("logs")
    try:
        if follow:
            _wait_for(client, group)
        seen = _print_since(client, group, stream_prefix, start_ms, set())
        while follow:
            time.sleep(_POLL_S)
            # Events of the last seconds may still arrive out of order: read them again, print once.
            start_ms = max(start_ms, int(time.time() * 1000) - 10_000)
            seen = _print_since(client, group, stream_prefix, start_ms, seen)
    except client.exceptions.ResourceNotFoundException:
        groups = _groups(client)
        fail(
            f"there is no log group {group}; "
            + (f"there are: {', '.join(groups)}" if groups else "there are none yet")
        )
    except BotoCoreError as error:  # `sagehen down` in another shell, while this one follows
        fail(f"Sagehen does not answer any more: {error}")
    except KeyboardInterrupt:
        return


def _wait_for(client: Any, group: str) -> None:
    """Wait until the group is made: jobs and functions make theirs with their first line."""
    if group in _groups(client, group):
        return
    print(f"waiting for the log group {group} (Ctrl-C ends)", file=sys.stderr, flush=True)
    while group not in _groups(client, group):
        time.sleep(_POLL_S)


def _print_since(
    client: Any, group: str, stream_prefix: str | None, start_ms: int, seen: set[str]
) -> set[str]:
    arguments: dict[str, Any] = {"logGroupName": group, "startTime": start_ms}
    if stream_prefix:
        arguments["logStreamNamePrefix"] = stream_prefix
    current = set()
    for page in client.get_paginator("filter_log_events").paginate(**arguments):
        for event in page["events"]:
            current.add(event["eventId"])
            if event["eventId"] not in seen:
                at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                print(f"{at:%H:%M:%S} {event['logStreamName']}  {event['message']}", flush=True)
    return current


def _groups(client: Any, prefix: str = "") -> list[str]:
    arguments = {"logGroupNamePrefix": prefix} if prefix else {}
    return [group["logGroupName"] for group in client.describe_log_groups(**arguments)["logGroups"]]
