"""What is stored of function URLs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sagehen.services.lambda_.errors import ResourceNotFoundException
from sagehen.services.lambda_.storage.schema import MIGRATIONS
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.services.lambda_.urls.records import UrlRecords
from sagehen.store.database import Database

from .making import CONFIG, ID


@pytest.mark.parametrize("qualifier", ["", "live"])
async def test_no_url_outlives_a_function_that_was_deleted_meanwhile(
    database: Database, qualifier: str
) -> None:
    database.migrate("lambda", MIGRATIONS)
    urls = UrlRecords(Tables(database))
    with pytest.raises(ResourceNotFoundException):
        await urls.create(replace(CONFIG, reference=CONFIG.reference.qualified(qualifier)))
    assert urls.by_id(ID) is None
