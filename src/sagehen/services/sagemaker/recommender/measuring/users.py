"""Users: each asks an endpoint, waits for the answer, and asks again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence

from sagehen.services.sagemaker.recommender.measuring.results import StageResult
from sagehen.services.sagemaker.recommender.traffic import Stage
from sagehen.serving.errors import InvocationFailed
from sagehen.serving.router import Router

# Who is refused waits so long, as an SDK would; a loop without a pause would only measure itself.
_AFTER_FAILURE_S = 0.1
# Of a stage's latencies: a job may ask for hours.
_MOST_SAMPLES = 50_000


class NoAnswer(Exception):
    """The model answers with errors, or not at all; the message has what it said."""


async def first_answer(router: Router, headers: Mapping[str, str], payload: bytes) -> float:
    """Ask once, and return how long the answer took with all that it waited for, in ms.

    Raises:
        NoAnswer: There is none, or it is an error: nothing would be measured.
    """
    began = time.perf_counter()
    try:
        _, response = await router.invoke(headers, payload)
    except InvocationFailed as error:
        raise NoAnswer(f"The model cannot be asked: {error}") from None
    if response.status >= 400:
        said = response.body[:300].decode("utf-8", "replace")
        raise NoAnswer(f"The model answered the sample payload with status {response.status}: {said}")
    return 1000 * (time.perf_counter() - began)


async def run_stage(
    router: Router, headers: Mapping[str, str], payloads: Sequence[bytes], stage: Stage
) -> StageResult:
    """Have so many users ask until the stage is over; the answers under way then are waited for."""
    began = time.perf_counter()
    latencies: list[float] = []
    answers = 0

    async def user(number: int) -> None:
        nonlocal answers
        while time.perf_counter() - began < stage.seconds:
            payload = payloads[number % len(payloads)]
            number += 1
            asked = time.perf_counter()
            try:
                _, response = await router.invoke(headers, payload)
            except InvocationFailed:
                await asyncio.sleep(_AFTER_FAILURE_S)
                continue
            if response.status >= 400:
                await asyncio.sleep(_AFTER_FAILURE_S)
                continue
            answers += 1
            _keep(latencies, 1000 * (time.perf_counter() - asked), answers)

    async with asyncio.TaskGroup() as group:
        for number in range(stage.users):
            group.create_task(user(number))
    return StageResult(stage.users, time.perf_counter() - began, latencies, answers)


def _keep(sample: list[float], value: float, seen: int) -> None:
    """Keep a value, or by chance not: each of all that were seen is in the sample as likely as any other."""
    if len(sample) < _MOST_SAMPLES:
        sample.append(value)
    elif (place := random.randrange(seen)) < _MOST_SAMPLES:
        sample[place] = value
