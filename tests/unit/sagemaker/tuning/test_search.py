"""Bayesian search: its first points, what the model is told, and the process that it is."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.search.asking import Asking, ModelUnavailable
from sagehen.services.sagemaker.tuning.search.halton import halton_point
from sagehen.services.sagemaker.tuning.search.model import answer
from sagehen.services.sagemaker.tuning.search.questions import (
    MOST_FOR_PROCESS,
    Known,
    answered,
    known,
    question,
)
from sagehen.services.sagemaker.tuning.search.strategies import Strategies, first_points, needs_model
from sagehen.services.sagemaker.tuning.trials.trial import Trial

from .parts import categories, config, integers, limits, ranges, request

ACCOUNT = "123456789012"
SPACE = ranges(
    continuous=[integers("x", 0, 1, ScalingType="Linear")],
    integer=[integers("n", 1, 5, ScalingType="Linear")],
    categorical=[categories("c", "a", "b", "c")],
)


def job(most: int = 9, **changes: Any) -> TuningJob:
    settings = config(Strategy="Bayesian", ParameterRanges=SPACE, ResourceLimits=limits(most), **changes)
    made = request(HyperParameterTuningJobConfig=settings)
    return TuningJob.new(Scope("1", "us-east-1"), made, 7, datetime(2026, 1, 1, tzinfo=UTC))


def trial(number: int, x: float, status: str = "Completed", objective: float | None = None) -> Trial:
    return Trial(number, f"t{number}", 0, 0.0, {"n": "2", "x": str(x), "c": "b"}, status, objective)


def test_the_first_points_fill_the_space() -> None:
    for seed in range(20):
        points = [halton_point(seed, index, 2) for index in range(1, 9)]
        assert {int(x * 4) for x, _ in points} == {0, 1, 2, 3}, "a quarter was left out"
        assert all(0 <= each < 1 for point in points for each in point)
    assert halton_point(1, 5, 30) == halton_point(1, 5, 30) != halton_point(2, 5, 30)


@pytest.mark.parametrize(("most", "first"), [(1, 2), (3, 2), (9, 3), (20, 7), (750, 10)])
def test_a_third_of_the_trials_come_before_the_model(most: int, first: int) -> None:
    assert first_points(job(most)) == first
    assert needs_model(job(most)) == (most > first)


def test_the_model_is_told_of_losses_and_of_what_runs() -> None:
    made = job()
    (definition,) = made.definitions
    trials = [
        trial(1, 0.1, objective=3.0),
        trial(2, 0.2, objective=5.0),
        trial(3, 0.3, "Failed"),
        trial(4, 0.4, "InProgress"),
    ]
    what = known(made, definition, trials)
    n, c = 0.3, 0.5
    assert what == Known((((n, 0.1, c), -3.0), ((n, 0.2, c), -5.0), ((n, 0.3, c), -3.0)), ((n, 0.4, c),))
    asked = json.loads(question(definition.space, 7, 5, what))
    assert asked["choices"] == [0, 0, 3] and asked["method"] == "gp"
    assert asked["told"][0] == [[n, 0.1, 1], -3.0] and asked["running"] == [[n, 0.4, 1]]
    many = Known(what.told * MOST_FOR_PROCESS, ())
    assert json.loads(question(definition.space, 7, 5, many))["method"] == "tpe"


def test_parents_are_told_as_far_as_they_lie_in_the_ranges() -> None:
    made = job()
    inside, outside = {"n": "2", "x": "0.5", "c": "b"}, {"n": "6", "x": "0.5", "c": "b"}
    warm = TuningJob(**{**vars(made), "parents": ((inside, 1.0), (outside, 2.0))})
    assert [value for _, value in known(warm, made.definitions[0], []).told] == [-1.0]


def test_the_model_goes_where_it_is_good_and_says_the_same_again() -> None:
    pytest.importorskip("optuna")
    told = [
        [[x / 20, place % 3], (x / 20 - 0.3) ** 2 + (place % 3 != 1)] for place, x in enumerate(range(20))
    ]
    asked = {"method": "tpe", "choices": [0, 3], "told": told, "running": [[0.3, 1]]}
    points = [answer({**asked, "seed": seed})["point"] for seed in range(10)]
    assert points == [answer({**asked, "seed": seed})["point"] for seed in range(10)]
    assert sum(abs(x - 0.3) for x, _ in points) / 10 < 0.2
    assert [choice for _, choice in points].count(1) >= 6


async def test_a_process_answers_and_the_next_one_where_it_ended() -> None:
    pytest.importorskip("optuna")
    made = job()
    space = made.definitions[0].space
    what = Known((((0.1, 0.5, 0.5), 1.0), ((0.9, 0.5, 0.5), 2.0)), ())
    line = question(space, 7, 3, what).replace(b'"gp"', b'"tpe"')
    asking = Asking()
    try:
        first = answered(space, await asking.ask(line, ACCOUNT))
        assert set(first) == {"n", "x", "c"}
        assert asking._process is not None
        most = Path(f"/proc/{asking._process.pid}/limits").read_text()
        assert re.search(rf"Max data size +{2 << 30} ", most)
        asking._process.kill()
        await asking._process.wait()
        assert answered(space, await asking.ask(line, ACCOUNT)) == first
        with pytest.raises(ValueError, match="the model process failed: KeyError"):
            answered(space, await asking.ask(b"{}\n", ACCOUNT))
    finally:
        await asking.stop()


def test_an_answer_that_takes_too_long_ends_the_process() -> None:
    spin = (
        "from sagehen.services.sagemaker.tuning.search import model\n"
        "def answer(_):\n    while True: pass\n"
        "model.answer, model._ANSWER_S = answer, 0.05\n"
        "model.main()"
    )
    ended = subprocess.run([sys.executable, "-c", spin], input=b"{}\n", capture_output=True, timeout=30)
    assert ended.returncode == -signal.SIGPROF and not ended.stdout


async def test_accounts_take_turns() -> None:
    order: list[bytes] = []

    class Ordered(Asking):
        async def _asked(self, line: bytes) -> bytes:
            order.append(line)
            await asyncio.sleep(0)
            return line

    asking = Ordered()
    async with asyncio.TaskGroup() as group:
        for account in "aaabb":
            group.create_task(asking.ask(account.encode(), account))
    assert b"".join(order) == b"ababa"
    assert not asking._lines
    await asking.stop()


@pytest.mark.parametrize("command", [("sleep", "60"), ("true",), ("/does/not/exist",)])
async def test_no_answer_is_an_error_in_time(command: tuple[str, ...]) -> None:
    asking = Asking(command, answer_s=0.05)
    with pytest.raises(ModelUnavailable):
        await asking.ask(b"{}\n", ACCOUNT)
    assert asking._process is None


async def test_a_discrete_space_is_not_asked_for_a_point_twice() -> None:
    settings = config(
        Strategy="Bayesian", ParameterRanges=ranges(integer=[integers("n", 1, 4)]), ResourceLimits=limits(4)
    )
    made = TuningJob.new(
        Scope("1", "us-east-1"), request(HyperParameterTuningJobConfig=settings), 7, datetime.now(UTC)
    )

    class Stubborn(Asking):
        async def ask(self, line: bytes, account: str) -> bytes:
            return b'{"point": [0.3]}\n'

    strategies = Strategies(Stubborn(("true",)))
    trials: list[Trial] = []
    for number in range(1, 5):
        tuned = await strategies.next(made, made.definitions[0], trials, number)
        trials.append(Trial(number, f"t{number}", 0, 0.0, tuned, "Completed", objective=1.0))
    assert sorted(each.tuned["n"] for each in trials) == ["1", "2", "3", "4"]
    await strategies.stop()
