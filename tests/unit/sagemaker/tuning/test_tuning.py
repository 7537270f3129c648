"""Tuning jobs from their request to their end, over fakes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.searchable import tuning as searchable
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.tuning import operations, records, run
from sagehen.services.sagemaker.tuning.definition.condition_keys import of_tuning_job
from sagehen.services.sagemaker.tuning.schema import MIGRATIONS
from sagehen.services.sagemaker.tuning.search.asking import ModelUnavailable
from sagehen.services.sagemaker.tuning.search.strategies import Strategies
from sagehen.store.database import Database
from tests.unit.sagemaker.conftest import SCOPE

from .parts import Tuner, categories, config, definition, limits, program, ranges, request


@pytest.fixture
def tuner(platform: Any) -> Tuner:
    platform.executor.program = program(lambda given: float(given["x"]))
    return Tuner(platform)


async def test_a_random_search_finds_its_best_training_job(tuner: Tuner) -> None:
    answer = await tuner.create(Tags=[{"Key": "team", "Value": "birds"}])
    arn = "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/tune-1"
    assert answer == {"HyperParameterTuningJobArn": arn}
    described = await tuner.ended()
    assert described["HyperParameterTuningJobStatus"] == "Completed"
    assert described["TrainingJobStatusCounters"]["Completed"] == 3
    assert described["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    assert described["HyperParameterTuningEndTime"] >= described["CreationTime"]
    static = described["TrainingJobDefinition"]["StaticHyperParameters"]
    assert static == {"epochs": "3", "_tuning_objective_metric": "score"}
    trials = await tuner.trials()
    assert [trial["TrainingJobName"][:11] for trial in trials] == [
        "Tune-1-001-",
        "Tune-1-002-",
        "Tune-1-003-",
    ]
    values = [float(trial["TunedHyperParameters"]["x"]) for trial in trials]
    assert [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in trials] == values
    best = described["BestTrainingJob"]
    assert float(best["TunedHyperParameters"]["x"]) == max(values)
    job = await tuner.platform.describe(best["TrainingJobName"])
    assert job["TuningJobArn"] == arn
    assert job["HyperParameters"] == {**static, **best["TunedHyperParameters"]}
    tags = await tuner.platform.call(tuner.platform.tags, "ListTags", ResourceArn=best["TrainingJobArn"])
    assert tags["Tags"] == [{"Key": "team", "Value": "birds"}]
    found = searchable.found(tuner.platform.database, tuner.platform.tuning.trials, tuner.platform.clock)
    source = found["HyperParameterTuningJob"].source(TagRecords(tuner.platform.database).of)
    [(of, told)] = source.look(SCOPE, {"NameContains": "une"})
    assert of == arn and told["Tags"] == [{"Key": "team", "Value": "birds"}]
    assert told["BestTrainingJob"]["TrainingJobName"] == best["TrainingJobName"]


async def test_one_seed_gives_one_search_and_another_another(tuner: Tuner) -> None:
    seen = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        await tuner.create(name, HyperParameterTuningJobConfig=config(RandomSeed=seed))
        await tuner.ended(name)
        seen.append([trial["TunedHyperParameters"] for trial in await tuner.trials(name)])
    assert seen[0] == seen[1] != seen[2]


async def test_a_grid_has_every_combination_once(tuner: Tuner) -> None:
    both = ranges(categorical=[categories("x", "1", "2", "3"), categories("y", "a", "b")])
    await tuner.create(
        HyperParameterTuningJobConfig=config(
            Strategy="Grid", ResourceLimits=limits(None, 4), ParameterRanges=both
        )
    )
    described = await tuner.ended()
    assert described["TrainingJobStatusCounters"]["Completed"] == 6
    trials = await tuner.trials()
    pairs = [tuple(trial["TunedHyperParameters"].values()) for trial in trials]
    assert sorted(pairs) == [(x, y) for x in "123" for y in "ab"]


async def test_no_more_run_at_once_than_were_asked_for(tuner: Tuner) -> None:
    running = most = 0
    both = asyncio.Event()

    async def train(container: Any) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            both.set()
        await both.wait()
        await asyncio.sleep(0.01)  # a third one too many would show
        running -= 1
        container.say("score=1")
        return 0

    tuner.platform.executor.program = train
    await tuner.create(HyperParameterTuningJobConfig=config(ResourceLimits=limits(5, 2)))
    await tuner.ended()
    assert most == 2
    assert len(tuner.platform.executor.started) == 5


async def test_a_restart_goes_on_where_it_was(tuner: Tuner) -> None:
    alone = Tuner(tuner.platform)
    await alone.create("whole", HyperParameterTuningJobConfig=config(ResourceLimits=limits(4)))
    await alone.ended("whole")
    score, gate = tuner.platform.executor.program, asyncio.Event()

    async def wait(container: Any) -> int:
        if len(tuner.platform.executor.started) >= 6:
            await gate.wait()
        return int(await score(container))

    tuner.platform.executor.program = wait
    await tuner.create("broken", HyperParameterTuningJobConfig=config(ResourceLimits=limits(4)))
    async with asyncio.timeout(30):
        while len(tuner.platform.executor.started) < 6:
            await asyncio.sleep(0.005)
    await tuner.platform.restart()
    gate.set()
    described = await tuner.ended("broken")
    assert described["TrainingJobStatusCounters"]["Completed"] == 4
    whole, broken = [
        [trial["TunedHyperParameters"] for trial in await tuner.trials(name)] for name in ("whole", "broken")
    ]
    assert broken == whole


async def test_stop_ends_what_runs_and_starts_nothing_more(tuner: Tuner) -> None:
    async def until_told(container: Any) -> int:
        container.say("score=0.5")
        await container.sandbox.terminated.wait()
        return 0

    tuner.platform.executor.program = until_told
    await tuner.create(HyperParameterTuningJobConfig=config(ResourceLimits=limits(9, 2)))
    async with asyncio.timeout(30):
        while len(tuner.platform.executor.started) < 2:
            await asyncio.sleep(0.005)
    await tuner.call("StopHyperParameterTuningJob")
    described = await tuner.ended()
    assert described["HyperParameterTuningJobStatus"] == "Stopped"
    assert described["TrainingJobStatusCounters"]["Stopped"] == 2
    assert described["BestTrainingJob"]["TrainingJobStatus"] == "Stopped"
    with pytest.raises(ServiceError, match="in status Stopped"):
        await tuner.call("StopHyperParameterTuningJob")
    await tuner.call("DeleteHyperParameterTuningJob")
    with pytest.raises(ServiceError, match="can't find a tuning job called Tune-1"):
        await tuner.describe()


@pytest.fixture
def one_search(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have the model answer once and then never; return the numbers of the trials that it was asked for."""
    asked: list[int] = []

    async def look(_: Strategies, *about: Any) -> dict[str, str]:
        asked.append(about[-1])
        if about[-1] > 1:
            await asyncio.Event().wait()
        return {"x": "0.5"}

    monkeypatch.setattr(Strategies, "next", look)
    return asked


async def test_a_job_stops_while_its_search_takes_its_time(tuner: Tuner, one_search: list[int]) -> None:
    async def until_told(container: Any) -> int:
        await container.sandbox.terminated.wait()
        return 0

    tuner.platform.executor.program = until_told
    await tuner.create(HyperParameterTuningJobConfig=config(ResourceLimits=limits(9, 2)))
    async with asyncio.timeout(30):
        while one_search != [1, 2] or not tuner.platform.executor.started:
            await asyncio.sleep(0.005)
    await tuner.call("StopHyperParameterTuningJob")
    described = await tuner.ended()
    assert described["HyperParameterTuningJobStatus"] == "Stopped"
    assert described["TrainingJobStatusCounters"]["Stopped"] == 1 and one_search == [1, 2]


async def test_five_searches_without_an_answer_fail_it_and_leave_nothing_running(
    tuner: Tuner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def look(_: Strategies, *about: Any) -> dict[str, str]:
        asked.append(about[-1])
        await asyncio.sleep(0)
        if about[-1] > 1:
            raise ModelUnavailable
        return {"x": "0.5"}

    async def until_told(container: Any) -> int:
        await container.sandbox.terminated.wait()
        return 0

    monkeypatch.setattr(Strategies, "next", look)
    monkeypatch.setattr(run, "_PAUSE_S", 0.0)
    tuner.platform.executor.program = until_told
    await tuner.create(HyperParameterTuningJobConfig=config(ResourceLimits=limits(9, 2)))
    described = await tuner.ended()
    assert described["FailureReason"].startswith("InternalServerError") and asked == [1] + [2] * 5
    (trial,) = await tuner.trials()
    assert (await tuner.platform.ended(trial["TrainingJobName"]))["TrainingJobStatus"] == "Stopped"


async def test_five_failures_without_a_success_fail_it(tuner: Tuner) -> None:
    async def fail(_: Any) -> int:
        return 1

    tuner.platform.executor.program = fail
    await tuner.create(HyperParameterTuningJobConfig=config(ResourceLimits=limits(9)))
    described = await tuner.ended()
    assert described["HyperParameterTuningJobStatus"] == "Failed"
    assert described["FailureReason"].startswith("No training job succeeded after 5 attempts.")
    assert described["TrainingJobStatusCounters"]["NonRetryableError"] == 5
    assert "BestTrainingJob" not in described


async def test_lists_filter_sort_and_page(tuner: Tuner) -> None:
    for name in ("bee", "ant", "Cat"):
        await tuner.create(name)
        await tuner.ended(name)
    listed = await tuner.platform.call(
        tuner.platform.tuning.operations, "ListHyperParameterTuningJobs", MaxResults=2
    )
    names = [each["HyperParameterTuningJobName"] for each in listed["HyperParameterTuningJobSummaries"]]
    assert names == ["ant", "bee"] and listed["NextToken"]
    assert listed["HyperParameterTuningJobSummaries"][0]["TrainingJobStatusCounters"]["Completed"] == 3
    ordered = await tuner.trials("ant", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    values = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in ordered]
    assert values == sorted(values, reverse=True) and len(values) == 3
    assert await tuner.trials("ant", StatusEquals="Failed") == []
    operation = "ListTrainingJobsForHyperParameterTuningJob"
    first = await tuner.call(operation, "ant", MaxResults=2)
    rest = await tuner.call(operation, "ant", MaxResults=2, NextToken=first["NextToken"])
    pages = first["TrainingJobSummaries"] + rest["TrainingJobSummaries"]
    assert pages == await tuner.trials("ant") and rest["NextToken"] is None


async def test_a_name_is_taken_in_whatever_case(tuner: Tuner) -> None:
    await tuner.create("Tune")
    with pytest.raises(ServiceError, match="with the name, tune, already exists"):
        await tuner.create("tune")
    assert (await tuner.describe("TUNE"))["HyperParameterTuningJobName"] == "Tune"


async def test_no_more_tuning_jobs_go_on_at_once_than_an_account_may_have(
    tuner: Tuner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_MOST_AT_ONCE", 1)
    answers = await asyncio.gather(tuner.create("one"), tuner.create("two"), return_exceptions=True)
    (refusal,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(refusal, ResourceLimitExceeded)
    await tuner.ended("one" if refusal is answers[1] else "two")
    await tuner.create("three")
    with pytest.raises(ServiceError, match="can't find a tuning job"):
        await tuner.describe("two" if refusal is answers[1] else "one")


async def test_definitions_take_turns_and_the_best_of_all_is_told(tuner: Tuner) -> None:
    def entry(name: str, high: int) -> dict[str, Any]:
        return definition(
            DefinitionName=name,
            TuningObjective={"Type": "Maximize", "MetricName": "score"},
            HyperParameterRanges=ranges(
                continuous=[{"Name": "x", "MinValue": str(high - 1), "MaxValue": str(high)}]
            ),
        )

    settings = config(
        HyperParameterTuningJobObjective=None, ParameterRanges=None, ResourceLimits=limits(4, 2)
    )
    made = request(
        HyperParameterTuningJobConfig=settings,
        TrainingJobDefinition=None,
        TrainingJobDefinitions=[entry("low", 1), entry("high", 9)],
    )
    await tuner.call("CreateHyperParameterTuningJob", **made)
    described = await tuner.ended()
    assert "TrainingJobDefinition" not in described
    trials = await tuner.trials()
    assert [trial["TrainingJobDefinitionName"] for trial in trials] == ["low", "high"] * 2
    assert described["BestTrainingJob"]["TrainingJobDefinitionName"] == "high"


async def test_a_job_that_does_worse_than_the_median_is_stopped_early(tuner: Tuner) -> None:
    async def train(container: Any) -> int:
        good = len(tuner.platform.executor.started) <= 3
        for _ in range(3):
            container.say(f"score={0.9 if good else 0.1}")
        if not good:
            await container.sandbox.terminated.wait()
        return 0

    tuner.platform.executor.program = train
    settings = config(TrainingJobEarlyStoppingType="Auto", ResourceLimits=limits(4))
    await tuner.create(HyperParameterTuningJobConfig=settings)
    described = await tuner.ended()
    assert described["TrainingJobStatusCounters"]["Completed"] == 3
    assert [trial["TrainingJobStatus"] for trial in await tuner.trials()] == ["Completed"] * 3 + ["Stopped"]
    assert described["ObjectiveStatusCounters"]["Succeeded"] == 4


async def test_hyperband_stops_the_worse_and_everybody_at_max_resource(tuner: Tuner) -> None:
    async def train(container: Any) -> int:
        number = len(tuner.platform.executor.started)
        while not container.sandbox.terminated.is_set():
            container.say(f"score={1 / number}")
            await asyncio.sleep(0.002)
        return 0

    tuner.platform.executor.program = train
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 3}}
    settings = config(Strategy="Hyperband", StrategyConfig=resources, ResourceLimits=limits(5))
    await tuner.create(HyperParameterTuningJobConfig=settings)
    assert (await tuner.ended())["TrainingJobStatusCounters"]["Stopped"] == 5
    scores = [sum(line.startswith("score") for line in each) for each in tuner.platform.logs.lines.values()]
    assert min(scores[1], scores[3]) >= 3, "the second bracket runs to MaxResource"


async def test_a_warm_start_knows_its_parent_s_best(tuner: Tuner) -> None:
    await tuner.create("parent", HyperParameterTuningJobConfig=config(ResourceLimits=limits(3)))
    best = (await tuner.ended("parent"))["BestTrainingJob"]
    warm = {
        "WarmStartType": "IdenticalDataAndAlgorithm",
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
    }
    tuner.platform.executor.program = program(lambda given: -1)
    limited = config(ResourceLimits=limits(1))
    await tuner.create("child", HyperParameterTuningJobConfig=limited, WarmStartConfig=warm)
    described = await tuner.ended("child")
    told = {name: value for name, value in best.items() if value is not None}
    assert described["OverallBestTrainingJob"] == told
    assert described["BestTrainingJob"]["TuningJobName"] == "child"
    kept = records.TuningJobRecords(tuner.platform.database)
    child = kept.get(SCOPE, "child")
    assert child is not None and not child.parents  # megabytes at times: read where the search asks for them
    assert [sorted(tuned) for tuned, _ in kept.parents(child)] == [["x"]] * 3
    await kept.delete(child)
    assert kept.parents(child) == []
    other = definition(StaticHyperParameters={"more": "1"})
    with pytest.raises(ServiceError, match="The set of tunable plus static HyperParameter names is not"):
        await tuner.create("no", TrainingJobDefinition=other, WarmStartConfig=warm)
    objective = {"Type": "Minimize", "MetricName": "score"}
    with pytest.raises(ServiceError, match="The objective metric must be the same"):
        await tuner.create(
            "no",
            HyperParameterTuningJobConfig=config(HyperParameterTuningJobObjective=objective),
            WarmStartConfig=warm,
        )


def test_what_earlier_versions_kept_of_parents_is_taken_over(tmp_path: Path) -> None:
    database = Database(tmp_path / "old.sqlite")
    database.migrate("sagemaker_tuning", MIGRATIONS[:2])
    for name, parents in (("child", [[{"x": "0.5"}, 2.0]]), ("other", [])):
        progress = json.dumps({"seed": 3, "parents": parents, "overall": None})
        values = (SCOPE.account_id, SCOPE.region, name, 1.0, 1.0, "Completed", "{}", progress)
        database.write_now(
            lambda tx, values=values: tx.execute(
                "INSERT INTO sagemaker_tuning_jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
            )
        )
    database.migrate("sagemaker_tuning", MIGRATIONS)
    kept = records.TuningJobRecords(database)
    jobs = [kept.get(SCOPE, name) for name in ("child", "other")]
    assert [job and (job.seed, kept.parents(job)) for job in jobs] == [(3, [({"x": "0.5"}, 2.0)]), (3, [])]
    database.close()


async def test_a_search_that_needs_what_is_not_installed_is_refused_before_it_begins(
    tuner: Tuner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "is_installed", lambda: False)
    settings = config(Strategy="Bayesian", ResourceLimits=limits(3))
    with pytest.raises(NotImplementedOperation, match=r"pip install 'sagehen\[tune\]'"):
        await tuner.create("deep", HyperParameterTuningJobConfig=settings)
    settings = config(Strategy="Bayesian", ResourceLimits=limits(2))
    await tuner.create("shallow", HyperParameterTuningJobConfig=settings)  # ends before the model is asked
    assert (await tuner.ended("shallow"))["HyperParameterTuningJobStatus"] == "Completed"


def test_every_definition_s_condition_keys_must_be_allowed() -> None:
    one = definition(DefinitionName="one")
    two = definition(
        ResourceConfig=None,
        HyperParameterTuningResourceConfig={
            "InstanceConfigs": [{"InstanceType": "ml.c5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}]
        },
        EnableNetworkIsolation=True,
    )
    first, second = of_tuning_job({"TrainingJobDefinitions": [one, two]})
    assert first["sagemaker:InstanceTypes"] == ("ml.m5.large",)
    assert set(second["sagemaker:InstanceTypes"]) == {"ml.c5.large"}
    kinds = [keys["sagemaker:NetworkIsolation"] for keys in (first, second)]
    assert kinds == ["false", "true"]
