"""kill -9 among acknowledged writes of every service: what was acknowledged is there, nothing half is.

SAGEHEN_STRESS=n makes n kills. `tests/e2e/test_crashes.py` does the same for objects' bytes.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tests.e2e import story
from tests.running import RunningSagehen
from tests.stress.world import POLICY, ROLE, TRUST

CONTAINER = {"Image": story.IMAGE}
ROUNDS = int(os.environ.get("SAGEHEN_STRESS", "1"))
SEED = os.environ.get("SAGEHEN_STRESS_SEED", "1")
pytestmark = pytest.mark.timeout(120 + 60 * ROUNDS)
Kind = tuple[str, Callable[[Any, str], Any], Callable[[Any], list[str]]]


def _names(operation: str, items: str, name: str) -> Callable[[Any], list[str]]:
    def listed(client: Any) -> list[str]:
        pages = client.get_paginator(operation).paginate()
        return [one[name] for page in pages for one in page[items]]

    return listed


# Service, a write under a name of its own, and the names that are there.
KINDS: tuple[Kind, ...] = (
    (
        "s3",
        lambda c, n: c.create_bucket(Bucket=n),
        lambda c: [one["Name"] for one in c.list_buckets()["Buckets"]],
    ),
    (
        "iam",
        lambda c, n: c.create_policy(PolicyName=n, PolicyDocument=json.dumps(POLICY)),
        lambda c: [one["PolicyName"] for one in c.list_policies(Scope="Local", MaxItems=1000)["Policies"]],
    ),
    (
        "logs",
        lambda c, n: c.create_log_group(logGroupName=n),
        _names("describe_log_groups", "logGroups", "logGroupName"),
    ),
    (
        "cloudwatch",
        lambda c, n: c.put_metric_alarm(
            AlarmName=n, Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        ),
        _names("describe_alarms", "MetricAlarms", "AlarmName"),
    ),
    ("apigateway", lambda c, n: c.create_rest_api(name=n), _names("get_rest_apis", "items", "name")),
    ("apigateway", lambda c, n: c.create_api_key(name=n), _names("get_api_keys", "items", "name")),
    (
        "sagemaker",
        lambda c, n: c.create_model(ModelName=n, ExecutionRoleArn=ROLE, PrimaryContainer=CONTAINER),
        _names("list_models", "Models", "ModelName"),
    ),
)  # fmt: skip


@pytest.fixture
def sagehen(tmp_path: Path) -> Iterator[RunningSagehen]:
    running = RunningSagehen(tmp_path / "data")
    running.start()
    yield running
    assert running.stop() == 0


class Writers:
    """One thread per kind; each ends at the first answer that does not come."""

    def __init__(self, sagehen: RunningSagehen, round_number: int) -> None:
        self.acknowledged: list[list[str]] = [[] for _ in KINDS]
        self.all_began = threading.Barrier(len(KINDS) + 1)
        self._threads = [
            threading.Thread(
                target=self._write, args=(sagehen, number, f"r{round_number}-{number}"), daemon=True
            )
            for number in range(len(KINDS))
        ]
        for thread in self._threads:
            thread.start()

    def _write(self, sagehen: RunningSagehen, number: int, prefix: str) -> None:
        service, write, _ = KINDS[number]
        client = story.client(sagehen, service)
        for count in itertools.count():
            name = f"{prefix}-{count}"
            try:
                write(client, name)
            except (BotoCoreError, ClientError, ResponseParserError):
                return
            self.acknowledged[number].append(name)
            if count == 0:
                self.all_began.wait(60)

    def end(self) -> None:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()


def test_no_service_loses_what_it_acknowledged(sagehen: RunningSagehen, tmp_path: Path) -> None:
    story.client(sagehen, "iam").create_role(RoleName="stress", AssumeRolePolicyDocument=json.dumps(TRUST))
    moments = random.Random(SEED)
    kept: list[set[str]] = [set() for _ in KINDS]
    for round_number in range(ROUNDS):
        writers = Writers(sagehen, round_number)
        writers.all_began.wait(60)
        threading.Event().wait(moments.uniform(0, 0.5))  # a moment somewhere among the writes
        sagehen.kill()
        writers.end()
        sagehen.start()
        for number, (service, _, listed) in enumerate(KINDS):
            kept[number].update(writers.acknowledged[number])
            names = listed(story.client(sagehen, service))
            assert kept[number] <= set(names), f"{service} lost {sorted(kept[number] - set(names))}"
            # Beyond that, the one write per round that was cut off may have been done.
            assert len(names) == len(set(names)) <= len(kept[number]) + round_number + 1
    assert "Traceback" not in (tmp_path / "platform.log").read_text()
