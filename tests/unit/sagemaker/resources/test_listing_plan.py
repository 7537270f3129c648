"""A page of jobs, which are kept for ever, is read in its order: nothing sorts all of them first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker import schema
from sagehen.services.sagemaker.processing import schema as processing
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.transform import schema as transform
from sagehen.store.database import Database


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize(
    ("table", "steps"),
    [
        ("sagemaker_training_jobs", schema.MIGRATIONS),
        (processing.TABLE, processing.MIGRATIONS),
        (transform.TABLE, transform.MIGRATIONS),
    ],
)
def test_no_page_sorts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, steps: tuple[str, ...], order: str
) -> None:
    plans: list[str] = []

    def explained(self: Database, sql: str, parameters: Any, **_: Any) -> tuple[list[Any], bool]:
        plans.extend(row["detail"] for row in self.all(f"EXPLAIN QUERY PLAN {sql}", parameters))
        return [], True

    database = Database(tmp_path / "metadata.sqlite")
    try:
        database.migrate("listed", steps)
        monkeypatch.setattr(Database, "within", explained)
        page(database, table, Scope("123456789012", "us-east-1"), {}, order)
    finally:
        database.close()
    assert plans and not any("TEMP B-TREE" in plan for plan in plans), plans
