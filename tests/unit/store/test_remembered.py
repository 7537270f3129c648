"""A memory of reads is never behind an acknowledged write, whoever overtakes whom."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.store.database import Database
from sagehen.store.remembered import Remembered

SCHEMA = ["CREATE TABLE birds (name TEXT PRIMARY KEY, colour TEXT NOT NULL)"]


def test_it_reads_once_until_it_forgets() -> None:
    memory: Remembered[str] = Remembered()
    answers = iter(["brown", "grey"])
    assert memory.get("owl", lambda: next(answers)) == "brown"
    assert memory.get("owl", lambda: next(answers)) == "brown"
    memory.forget()
    assert memory.get("owl", lambda: next(answers)) == "grey"


def test_a_reading_that_a_write_overtook_is_not_kept() -> None:
    memory: Remembered[str] = Remembered()

    def overtaken() -> str:
        memory.forget()  # the commit comes between the reading's begin and its end
        return "brown"

    assert memory.get("owl", overtaken) == "brown"
    assert memory.get("owl", lambda: "grey") == "grey"


def test_what_is_absent_is_remembered_too_and_the_memory_is_bounded() -> None:
    memory: Remembered[None] = Remembered(limit=2)
    read: list[int] = []
    for key in (1, 1, 2, 3, 1):
        memory.get(key, lambda key=key: read.append(key))  # type: ignore[misc]
    assert read == [1, 2, 3, 1]


@pytest.mark.parametrize("brief", [True, False])
async def test_after_a_write_the_new_row_is_seen(database: Database, brief: bool) -> None:
    database.migrate("birds", SCHEMA)
    memory = database.remember()

    def colour() -> str | None:
        row = database.one("SELECT colour FROM birds WHERE name = 'owl'")
        return None if row is None else str(row["colour"])

    seen = [memory.get("owl", colour)]
    for value in ("brown", "grey"):
        sql = f"INSERT OR REPLACE INTO birds VALUES ('owl', '{value}')"
        await database.write(lambda tx, sql=sql: tx.execute(sql), brief=brief, touches=(memory,))  # type: ignore[misc]
        seen.append(memory.get("owl", colour))
    await database.clear()
    seen.append(memory.get("owl", colour))
    assert seen == [None, "brown", "grey", None]


async def test_it_is_already_true_when_the_writer_hears_of_the_commit(database: Database) -> None:
    database.migrate("birds", SCHEMA)
    memory = database.remember()

    async def write(number: int) -> None:
        sql = f"INSERT OR REPLACE INTO birds VALUES ('owl', {number})"
        await database.write(lambda tx: tx.execute(sql), touches=(memory,))
        row = memory.get("owl", lambda: database.one("SELECT colour FROM birds"))
        assert row is not None and int(row["colour"]) >= number

    for number in range(50):
        await asyncio.gather(*(write(10 * number + i) for i in range(3)))
