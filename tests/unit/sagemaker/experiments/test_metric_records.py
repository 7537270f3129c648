"""How many points there may be, of a component and of an account."""

from __future__ import annotations

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments import metric_records
from sagehen.services.sagemaker.experiments.entity import COMPONENT, Entity
from sagehen.services.sagemaker.experiments.metric_records import MetricRecords
from sagehen.services.sagemaker.experiments.records import ExperimentRecords
from sagehen.services.sagemaker.experiments.schema import MIGRATIONS
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.store.database import Database

HERE, ELSEWHERE = Scope("123456789012", "us-east-1"), Scope("123456789012", "eu-west-1")


def points(number: int, first: int = 0) -> list[tuple[str, float, int, float]]:
    return [("loss", 1.0, first + step, 0.5) for step in range(number)]


async def test_points_are_bounded_and_make_room_with_their_component(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_records, "MOST_POINTS", 4)
    monkeypatch.setattr(metric_records, "MOST_POINTS_OF_ACCOUNT", 6)
    database.migrate("sagemaker", FIRST)
    database.migrate("sagemaker_experiments", MIGRATIONS[:2])
    entities, records = ExperimentRecords(database), MetricRecords(database)
    one, two, far = (
        Entity(COMPONENT, scope, name, clock.now(), clock.now(), "", {})
        for scope, name in ((HERE, "one"), (HERE, "two"), (ELSEWHERE, "far"))
    )
    database.write_now(  # what an earlier version stored is counted
        lambda tx: tx.execute(
            "INSERT INTO sagemaker_trial_metrics VALUES ('123456789012', 'us-east-1', 'one', 'loss', 1, 0, 1)"
        )
    )
    database.migrate("sagemaker_experiments", MIGRATIONS)
    for entity in (one, two, far):
        await entities.add(entity, ())
    assert await records.put(one, points(2))  # one of them is there already
    assert not await records.put(one, points(3, 2))
    assert await records.put(one, points(2, 2))
    assert await records.put(two, points(2))
    assert not await records.put(two, points(1, 2))
    assert await records.put(far, points(4))
    assert [summary["Count"] for summary in records.summaries(two)] == [2]
    await entities.remove(COMPONENT, HERE, "one")
    assert await records.put(two, points(2, 2))
