"""What tests of CloudWatch Logs share: the names of a group and a stream, and short words for the calls."""

from __future__ import annotations

from typing import Any

from sagehen.domain.clock import ManualClock
from tests.unit.logs.conftest import Call

GROUP, STREAM = "/aws/sagemaker/TrainingJobs", "job/algo-1-1"
NAMES = {"logGroupName": GROUP, "logStreamName": STREAM}


def now_ms(clock: ManualClock) -> int:
    return int(clock.now().timestamp() * 1000)


async def make_stream(call: Call) -> None:
    await call("CreateLogGroup", logGroupName=GROUP)
    await call("CreateLogStream", **NAMES)


async def put(call: Call, *events: tuple[int, str], **names: str) -> dict[str, Any]:
    return await call(
        "PutLogEvents",
        **(NAMES | names),
        logEvents=[{"timestamp": at, "message": message} for at, message in events],
    )
