"""What jobs record of themselves in experiments: a component, in which trial, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments import rows
from sagehen.services.sagemaker.experiments.entity import COMPONENT, EXPERIMENT, TRIAL, Entity
from sagehen.services.sagemaker.experiments.jobs import JobComponents
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.experiments.schema import MIGRATIONS
from sagehen.services.sagemaker.experiments.sources import SourceRecords
from sagehen.services.sagemaker.experiments.told import Told
from sagehen.services.sagemaker.jobs.metric_series import prolonged
from sagehen.services.sagemaker.jobs.tracked import Location, Tracked
from sagehen.services.sagemaker.resources.errors import ResourceNotFound
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.store.database import Database

HERE = Scope("123456789012", "us-east-1")
ARN = "arn:aws:sagemaker:us-east-1:123456789012:training-job/owls"
JOB = Tracked(
    *("Training", HERE, "Owls", ARN, 1.0, 1.0, "InProgress", "Status: InProgress", None, None),
    parameters={"lr": 0.5, "opt": "sgd", "long": "x" * 3000},
    inputs=(Location("", "Image", "an/image"), Location("train", "DataSet", "s3://owls/train", "text/csv")),
    outputs=(Location("SageMaker.ModelArtifact", "Model", "s3://owls/model.tar.gz"),),
)


class Room:
    """Experiments `Birds` with the trial `first`, `Others` with `other`, and a run."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        database.migrate("sagemaker", FIRST)
        database.migrate("sagemaker_experiments", MIGRATIONS)
        self.database, self.records, self.told = database, ExperimentRecords(database), Told(database)
        self.sources = SourceRecords(database)
        now = clock.now()
        for kind, name, experiment in (
            (EXPERIMENT, "Birds", ""), (EXPERIMENT, "Others", ""), (TRIAL, "first", "Birds"),
            (TRIAL, "other", "Others"), (COMPONENT, "birds-run", ""),
        ):  # fmt: skip
            entity = Entity(kind, HERE, name, now, now, experiment, {})
            database.write_now(lambda tx, entity=entity: rows.store(tx, entity))

    def make(self, **config: str) -> None:
        job = replace(JOB, experiment=config)
        self.database.write_now(lambda tx: JobComponents().made(tx, job))

    def component(self, name: str = "Owls-aws-training-job") -> dict[str, Any]:
        return self.told.component(self.records.require(COMPONENT, HERE, name))

    def trials(self) -> list[str]:
        component = self.records.require(COMPONENT, HERE, "Owls-aws-training-job")
        return [each["TrialName"] for each in self.records.parents(component)]


@pytest.fixture
def room(database: Database, clock: ManualClock) -> Room:
    return Room(database, clock)


@pytest.mark.parametrize(
    ("config", "trials"),
    [
        ({}, []),
        ({"ExperimentName": "Birds", "TrialName": "first"}, ["first"]),
        ({"TrialName": "other"}, ["other"]),
        ({"ExperimentName": "Birds"}, ["Owls-aws-trial"]),
        ({"ExperimentName": "Birds", "TrialName": "first", "RunName": "birds-run"}, ["first"]),
    ],
)
def test_where_a_job_is_put(room: Room, config: Mapping[str, str], trials: list[str]) -> None:
    room.make(**config)
    assert room.trials() == trials
    told = room.component()
    assert told["Source"] == {"SourceArn": ARN, "SourceType": "SageMakerTrainingJob"}
    assert told.get("RunName") == config.get("RunName")
    within = room.component("birds-run").get("Sources")
    assert within == ([told["Source"]] if "RunName" in config else None)
    assert room.sources.component_of(HERE, ARN) == "Owls-aws-training-job"


@pytest.mark.parametrize(
    ("config", "error", "words"),
    [
        ({"ExperimentName": "None"}, ResourceNotFound, "Experiment 'None'"),
        ({"ExperimentName": "Birds", "TrialName": "none"}, ResourceNotFound, "Trial 'none'"),
        ({"ExperimentName": "Birds", "TrialName": "other"}, ValidationException, "does not belong"),
        ({"RunName": "none"}, ResourceNotFound, "TrialComponent 'none'"),
    ],
)
def test_what_is_refused_leaves_nothing(
    room: Room, config: Mapping[str, str], error: type[ServiceError], words: str
) -> None:
    with pytest.raises(error, match=words):
        room.make(**config)
    with pytest.raises(ResourceNotFound):
        room.component()


def test_what_a_component_holds_and_what_becomes_of_it(room: Room) -> None:
    room.make(TrialComponentDisplayName="The-owls")
    told = room.component()
    assert told["DisplayName"] == "The-owls"
    assert told["Parameters"] == {"lr": {"NumberValue": 0.5}, "opt": {"StringValue": "sgd"}}
    assert told["InputArtifacts"] == {"train": {"MediaType": "text/csv", "Value": "s3://owls/train"}}
    assert told["OutputArtifacts"] == {"SageMaker.ModelArtifact": {"Value": "s3://owls/model.tar.gz"}}
    assert (told["Status"]["PrimaryStatus"], told["Metrics"]) == ("InProgress", [])

    series = prolonged(prolonged({}, {"loss": 4.0}, 10.0), {"loss": 2.0, "bad": float("nan")}, 20.0)
    ended = replace(JOB, status="Completed", started_at=5.0, ended_at=30.0, metrics=series)
    room.database.write_now(lambda tx: JobComponents().changed(tx, ended))
    told = room.component()
    assert (told["Status"]["PrimaryStatus"], told["EndTime"].timestamp()) == ("Completed", 30.0)
    assert told["Parameters"]["lr"] == {"NumberValue": 0.5}
    [loss] = told["Metrics"]
    assert {name: loss[name] for name in ("MetricName", "Max", "Min", "Last", "Count", "Avg", "StdDev")} == {
        "MetricName": "loss", "Max": 4.0, "Min": 2.0, "Last": 2.0, "Count": 2, "Avg": 3.0, "StdDev": 1.0,
    }  # fmt: skip
    assert loss["SourceArn"] == ARN


async def test_what_its_owner_deleted_stays_so_and_makes_room(room: Room) -> None:
    room.make()
    await room.records.remove(COMPONENT, HERE, "Owls-aws-training-job")
    room.database.write_now(lambda tx: JobComponents().changed(tx, JOB))
    assert room.sources.component_of(HERE, ARN) is None
    with pytest.raises(ResourceNotFound):
        room.component()


def test_what_its_owner_put_beside_keeps_no_job_from_its_end(room: Room) -> None:
    room.make()
    component = room.records.require(COMPONENT, HERE, "Owls-aws-training-job")
    full = replace(
        component, members={**component.members, "Parameters": {"x": {"StringValue": "x" * 300_000}}}
    )
    room.database.write_now(lambda tx: rows.store(tx, full))
    room.database.write_now(lambda tx: JobComponents().changed(tx, replace(JOB, status="Completed")))
    assert room.component()["Status"]["PrimaryStatus"] == "Completed"
