"""Models and endpoint configurations: what is kept of them, and how many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecord, EndpointConfigRecords
from sagehen.services.sagemaker.models.records import ModelRecord, ModelRecords
from sagehen.services.sagemaker.resources import kept_requests
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.store.database import Database

HERE, THERE = Scope("123456789012", "us-east-1"), Scope("123456789012", "us-west-2")
THEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "record", "called"),
    [
        (ModelRecords, ModelRecord, "models"),
        (EndpointConfigRecords, EndpointConfigRecord, "endpoint configurations"),
    ],
)
async def test_there_are_no_more_than_so_many(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: type, record: type, called: str
) -> None:
    monkeypatch.setattr(kept_requests, "MOST", 2)
    database.migrate("sagemaker", MIGRATIONS)
    records = kind(database)
    for name in ("a", "b"):
        await records.add(record(HERE, name, THEN, {}), [])
    with pytest.raises(ResourceLimitExceeded, match=f"'Total number of {called}' is 2"):
        await records.add(record(HERE, "c", THEN, {}), [])
    await records.add(record(THERE, "c", THEN, {}), [])  # another region's are counted apart
    assert await records.delete(HERE, "a")
    await records.add(record(HERE, "c", THEN, {}), [])
