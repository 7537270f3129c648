"""What jobs, packages and endpoints record in lineage by themselves, and what no quota counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments.jobs import JobComponents
from sagehen.services.sagemaker.experiments.schema import MIGRATIONS as EXPERIMENTS
from sagehen.services.sagemaker.jobs.tracked import Location, Tracked
from sagehen.services.sagemaker.lineage.association_records import AssociationRecords
from sagehen.services.sagemaker.lineage.entity import ARTIFACT, KINDS, Entity, artifact_name
from sagehen.services.sagemaker.lineage.recording import models
from sagehen.services.sagemaker.lineage.recording.jobs import JobLineage
from sagehen.services.sagemaker.lineage.recording.models import Deployed, Part, Registered
from sagehen.services.sagemaker.lineage.records import LineageRecords
from sagehen.services.sagemaker.lineage.schema import MIGRATIONS
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.store.database import Database

HERE = Scope("123456789012", "us-east-1")
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MODEL = "s3://owls/model.tar.gz"
JOB = Tracked(
    *("Training", HERE, "Owls", f"{ARN}:training-job/owls", 1.0, 1.0, "InProgress", "", None, None),
    inputs=(Location("", "Image", "an/image"), Location("train", "DataSet", "s3://owls/train")),
    outputs=(
        Location("SageMaker.ModelArtifact", "Model", MODEL),
        Location("SageMaker.DebugHookOutput", "", "s3://owls/tensors"),
        Location("", "Checkpoint", "s3://owls/checkpoints"),
    ),
)
PACKAGE = Registered(
    *(HERE, f"{ARN}:model-package/birds/1", "Birds-1", "Approved", 2.0, [Part("an/image", MODEL)]),
    group="Birds",
    group_arn=f"{ARN}:model-package-group/birds",
)
ENDPOINT = Deployed(HERE, "Hoot", f"{ARN}:endpoint/hoot", 3.0, [Part("an/image", MODEL, PACKAGE.arn)])


class Room:
    """The tables, and a way to read them."""

    def __init__(self, database: Database) -> None:
        for name, steps in (("sagemaker", FIRST), ("sagemaker_experiments", EXPERIMENTS)):
            database.migrate(name, steps)
        database.migrate("sagemaker_lineage", MIGRATIONS)
        self.database, self.records = database, LineageRecords(database)

    def graph(self) -> set[tuple[str, str, str]]:
        """Return (source, kind, destination), with what is behind an artifact in place of its digest."""
        names = {
            entity.arn: entity.source["SourceUri"] if entity.kind is ARTIFACT else entity.name
            for kind in KINDS
            for entity in self.records.page(kind, HERE, {"MaxResults": 100})[0]
        }
        found, _ = AssociationRecords(self.database).page(HERE, {"MaxResults": 100})

        def name(arn: str) -> str:
            return names.get(arn, arn.partition("/")[2])

        return {(name(each.source), each.type, name(each.destination)) for each in found}


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


JOBS = {
    ("an/image", "ContributedTo", "owls-aws-training-job"),
    ("s3://owls/train", "ContributedTo", "owls-aws-training-job"),
    ("owls-aws-training-job", "Produced", MODEL),
    ("owls-aws-training-job", "Produced", "s3://owls/checkpoints"),
}
PACKAGES = {
    ("an/image", "ContributedTo", PACKAGE.arn),
    (MODEL, "ContributedTo", PACKAGE.arn),
    ("Birds-1-Approved-2-aws-model-group", "ContributedTo", PACKAGE.arn),
    (PACKAGE.arn, "AssociatedWith", "Birds-aws-model-group"),
}
ENDPOINTS = {
    ("an/image", "ContributedTo", "Hoot-3-aws-endpoint"),
    (MODEL, "ContributedTo", "Hoot-3-aws-endpoint"),
    (PACKAGE.arn, "ContributedTo", "Hoot-3-aws-endpoint"),
    ("Hoot-3-aws-endpoint", "AssociatedWith", "Hoot-aws-endpoint"),
}


def test_what_a_job_a_package_and_an_endpoint_record_is_one_graph(room: Room) -> None:
    for _ in range(2):  # what is there already is reused
        room.database.write_now(lambda tx: JobLineage(JobComponents()).made(tx, JOB))
        room.database.write_now(lambda tx: models.registered(tx, PACKAGE))
        room.database.write_now(lambda tx: models.deployed(tx, ENDPOINT))
    assert room.graph() == JOBS | PACKAGES | ENDPOINTS


async def test_quotas_count_what_clients_make(room: Room, clock: ManualClock) -> None:
    room.database.write_now(lambda tx: JobLineage(JobComponents()).made(tx, JOB))
    few = replace(ARTIFACT, most=1)

    def made(uris: Iterable[str]) -> list[Entity]:
        now = clock.now()
        return [
            Entity(few, HERE, artifact_name({"SourceUri": uri}), now, now, "T", {"SourceUri": uri}, False)
            for uri in uris
        ]

    one, two = made(["s3://a", "s3://b"])
    await room.records.add(one, ())
    with pytest.raises(ResourceLimitExceeded, match="artifacts"):
        await room.records.add(two, ())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"SourceUri": "s3://a"}, {"SourceUri": "s3://a", "SourceTypes": []}, True),
        ({"SourceUri": "s3://a"}, {"SourceUri": "s3://b"}, False),
        (
            {"SourceUri": "s3://a", "SourceTypes": [{"SourceIdType": "S3ETag", "Value": "1"}]},
            {"SourceUri": "s3://a"},
            False,
        ),
    ],
)
def test_an_artifact_is_what_its_source_is(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    assert (artifact_name(one) == artifact_name(other)) is same
