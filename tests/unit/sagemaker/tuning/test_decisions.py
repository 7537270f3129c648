"""What a tuning job does next: tables of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.tuning import completion
from sagehen.services.sagemaker.tuning.decisions import Conclude, Finish, Launch, StopTrials, Wait, decide
from sagehen.services.sagemaker.tuning.definition.objective import Objective
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.stopping import early_stopping, hyperband
from sagehen.services.sagemaker.tuning.stopping.hyperband import Resources
from sagehen.services.sagemaker.tuning.stopping.watch import Watch
from sagehen.services.sagemaker.tuning.trials import tally
from sagehen.services.sagemaker.tuning.trials.trial import Trial

from .parts import categories, config, definition, limits, ranges, request

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UP, DOWN = Objective("score", True), Objective("score", False)


def job(**changes: Any) -> TuningJob:
    made = request(HyperParameterTuningJobConfig=config(**changes))
    return TuningJob.new(Scope("1", "us-east-1"), made, 7, NOW)


def trials(*kinds: object) -> list[Trial]:
    """Make trials of numbers (completed with this objective), and of the statuses R, S, F and C (no
    objective).
    """
    names = {"R": "InProgress", "S": "Stopping", "F": "Failed", "C": "Completed"}
    return [
        Trial(
            number, f"t{number}", 0, 0.0, {}, names.get(str(kind), "Completed"),
            objective=float(kind) if isinstance(kind, int | float) else None, ended_at=float(number),
        )
        for number, kind in enumerate(kinds, start=1)
    ]  # fmt: skip


TWO = {"ResourceLimits": limits(4, 2)}
TIMED = {"ResourceLimits": limits(4, 2, MaxRuntimeInSeconds=120)}
MANY = {"ResourceLimits": limits(50)}
TARGET = {"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 0.9}}
NOT_IMPROVING = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
PATIENT = {"TuningJobCompletionCriteria": NOT_IMPROVING, **MANY}


def failed(words: str) -> Finish:
    return Finish("Failed", words)


@pytest.mark.parametrize(
    ("changes", "kinds", "seconds", "action"),
    [
        (TWO, [], 0, Launch(1, 0)),
        (TWO, ["R"], 0, Launch(2, 0)),
        (TWO, ["R", "R"], 0, Wait()),
        (TWO, ["R", 1], 0, Launch(3, 0)),
        (TWO, ["R", "S"], 0, Wait()),  # one that is stopping still has its instance
        (TWO, [1, 2, "R", 3], 0, Wait()),
        (TWO, [1, "F", 2, 3], 0, Finish("Completed")),
        (TWO, ["F"] * 4, 0, failed("All training jobs failed.")),
        (TWO, ["C"] * 4, 0, failed("No objective metrics found after running 4 training jobs.")),
        (TWO, ["F", "C", "C", "F"], 0, failed("No objective metrics found after running 4")),
        (MANY, ["F"] * 4, 0, Launch(5, 0)),
        (MANY, ["F"] * 5, 0, failed("No training job succeeded after 5 attempts.")),
        (MANY, [*"FFFFF", "R"], 0, StopTrials(("t6",))),
        (MANY, [*"FFFFF", 1], 0, Launch(7, 0)),
        (MANY, ["C"] * 5, 0, failed("No objective metrics found after running 5")),
        (TIMED, ["R", "R"], 119, Wait(NOW.timestamp() + 120)),
        (TIMED, ["R"], 120, Conclude("MaxRuntimeInSeconds")),
        (TARGET, [0.9], 0, Conclude("TargetObjectiveMetricValue")),
        (TARGET, [0.89], 0, Launch(2, 0)),
        (PATIENT, [1, 1, 1.005, 1.009], 0, Conclude("BestObjectiveNotImproving")),
        (PATIENT, [1, 1, 1, 1.01], 0, Launch(5, 0)),
    ],
)
def test_decide(changes: Any, kinds: list[object], seconds: float, action: Any) -> None:
    decided = decide(job(**changes), trials(*kinds), NOW.timestamp() + seconds)
    if isinstance(action, Finish) and action.reason:
        assert isinstance(decided, Finish) and decided.status == action.status
        assert decided.reason is not None and decided.reason.startswith(action.reason)
    else:
        assert decided == action


@pytest.mark.parametrize(
    ("change", "kinds", "action"),
    [
        ({"status": "Stopping"}, [1, "R", "S"], StopTrials(("t2",))),
        ({"status": "Stopping"}, [1, "S"], Wait()),
        ({"status": "Stopping"}, [1], Finish("Stopped")),
        ({"ending": "ConvergenceDetected"}, [1, "R"], StopTrials(("t2",))),
        ({"ending": "MaxRuntimeInSeconds"}, ["F"], Finish("Completed")),
    ],
)
def test_decide_at_the_end(change: Any, kinds: list[object], action: Any) -> None:
    assert decide(replace(job(**MANY), **change), trials(*kinds), NOW.timestamp()) == action


def test_a_grid_ends_with_its_last_combination() -> None:
    grid = job(
        Strategy="Grid",
        ParameterRanges=ranges(categorical=[categories("x", "a", "b")]),
        ResourceLimits=limits(None, 5),
    )
    assert decide(grid, trials("R"), NOW.timestamp()) == Launch(2, 0)
    assert decide(grid, trials("R", "R"), NOW.timestamp()) == Wait()


@pytest.mark.parametrize(
    ("objective", "values", "count"),
    [
        (UP, [0.8, 0.81, 0.812, 0.9], 0),
        (UP, [0.8, 0.81, 0.812], 1),
        (UP, [0.8, None, 0.7, 0.6], 2),
        (DOWN, [1.0, 0.995, 0.991], 2),
        (DOWN, [1.0, 0.995, 0.99], 0),
        (DOWN, [0.0, -1e-9], 0),
        (UP, [-1.0, -0.995], 1),
        (UP, [], 0),
    ],
)
def test_since_improvement(objective: Objective, values: list[float | None], count: int) -> None:
    assert tally.since_improvement(values, objective) == count


def test_convergence_takes_ten_training_jobs_that_bring_nothing() -> None:
    assert not completion.has_converged(job(), trials(*[1] * 10))
    assert completion.has_converged(job(), trials(*[1] * 11))


def test_counters_and_the_best() -> None:
    kinds = [
        ("Completed", True, 3), ("Completed", False, 1), ("Stopping", False, 1),
        ("Failed", False, 2), ("Stopped", True, 1), ("InProgress", False, 1),
    ]  # fmt: skip
    groups = [tally.Group(*kind) for kind in kinds]
    assert tally.status_counters(groups) == {
        "Completed": 4, "InProgress": 2, "RetryableError": 0, "NonRetryableError": 2, "Stopped": 1,
    }  # fmt: skip
    assert tally.objective_counters(groups) == {"Succeeded": 4, "Pending": 2, "Failed": 3}
    made = trials(1, 3, 3, "F", 2)
    assert tally.best(made, UP) is made[1] and tally.best(made, DOWN) is made[0]
    assert tally.best(trials("F", "R"), UP) is None


BEFORE = [early_stopping.running_averages(curve) for curve in ([0.2, 0.4], [0.3, 0.5], [0.6, 0.8])]


@pytest.mark.parametrize(
    ("objective", "curve", "seen", "before", "stopped"),
    [
        (UP, [0.3, 0.39], 0, BEFORE, 2),
        (UP, [0.3, 0.41], 0, BEFORE, None),
        (UP, [0.29], 0, BEFORE, 1),
        (UP, [0.29], 1, BEFORE, None),  # judged before
        (UP, [0.3, 0.41, 0.0], 0, BEFORE, None),  # nobody went so far
        (UP, [0.0], 0, BEFORE[:2], None),
        (DOWN, [0.31], 0, BEFORE, 1),
    ],
)
def test_early_stopping(
    objective: Objective, curve: list[float], seen: int, before: list[list[float]], stopped: int | None
) -> None:
    assert early_stopping.stops(objective, curve, seen, before) == stopped


def test_brackets() -> None:
    assert hyperband.brackets(Resources(1, 9)) == ((1, 3), (3,), ())
    assert hyperband.brackets(Resources(5, 5)) == ((),)
    assert [hyperband.bracket_of(Resources(1, 9), number) for number in (1, 2, 3, 4)] == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("curve", "others", "stopped"),
    [
        ([0.1], [], None),
        ([0.1], [{1: 0.2}], 1),
        ([0.3], [{1: 0.2}, {1: 0.1}], None),
        ([0.15], [{1: 0.2}, {1: 0.1}], 1),
        ([0.15], [{1: 0.2}, {1: 0.1}, {1: 0.1}], None),  # of four, two go on
        ([0.3, 0.3, 0.1], [{1: 0.2, 3: 0.4}], 3),
        ([0.3] * 9, [], 9),  # MaxResource
    ],
)
def test_hyperband(curve: list[float], others: list[dict[int, float]], stopped: int | None) -> None:
    assert hyperband.stops(Resources(1, 9), UP, 0, curve, 0, others) == stopped


def test_the_watch_compares_trials_of_one_bracket() -> None:
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 3}}
    watch = Watch(job(Strategy="Hyperband", StrategyConfig=resources, **MANY))
    made = trials("R", "R", "R", "R")
    for trial in made:
        watch.begin(trial)
    first, other, worse, _ = [trial.name for trial in made]
    assert not watch.take(first, 0.5) and not watch.take(other, 0.1)  # the second bracket has no rung
    assert watch.take(worse, 0.4)  # the third trial is in the first one's bracket
    assert [watch.take(first, 0.5) for _ in range(2)] == [False, True]  # MaxResource
    assert watch.kept(made[0]) == ([], {1: 0.5})
    assert not watch.take("unknown", 1.0) and not watch.take(other, float("nan"))


def test_the_trials_of_each_definition_go_through_all_brackets() -> None:
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 3}}
    settings = config(
        Strategy="Hyperband", StrategyConfig=resources, HyperParameterTuningJobObjective=None,
        ParameterRanges=None, **MANY,
    )  # fmt: skip
    entry = definition(
        TuningObjective={"Type": "Maximize", "MetricName": "score"},
        HyperParameterRanges=ranges(categorical=[categories("x", "a", "b")]),
    )
    made = request(
        HyperParameterTuningJobConfig=settings,
        TrainingJobDefinition=None,
        TrainingJobDefinitions=[entry | {"DefinitionName": name} for name in "ab"],
    )
    watch = Watch(TuningJob.new(Scope("1", "us-east-1"), made, 7, NOW))
    first, _, third, _, fifth = trials(*"RRRRR")
    for trial in (first, third, fifth):
        watch.begin(trial)
    assert not watch.take(first.name, 0.5)
    assert not watch.take(third.name, 0.4)  # in the second bracket, which has no rung
    assert watch.take(fifth.name, 0.4)


def test_the_watch_begins_a_curve_anew_with_another_attempt() -> None:
    watch = Watch(job(TrainingJobEarlyStoppingType="Auto", **MANY))
    for trial, curve in zip(trials(1, 1, 1), ([0.2, 0.8],) * 3, strict=True):
        watch.end(replace(trial, curve=curve))
    running = replace(trials("R")[0], name="late")
    watch.begin(running)
    assert not watch.take("late", 0.3)
    watch.begin(running)
    assert not watch.take("late", 0.3)  # the first epoch again, not the second
    assert watch.take("late", 0.3)
    assert watch.kept(running) == ([0.3, 0.3], {})
    silent = Watch(job(**MANY))
    silent.begin(running)
    assert not silent.take("late", 0.0) and silent.kept(running) == ([], {})
