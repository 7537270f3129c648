"""Emptying: small tables, large ones set aside, what refers to them, and a life that ends in between."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from sagehen.store.database import Database

STEPS = [
    """
    CREATE TABLE parents (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, data BLOB);
    CREATE INDEX parents_by_data ON parents (data) WHERE data IS NOT NULL;
    CREATE TABLE children (
        parent_id INTEGER NOT NULL REFERENCES parents (id) ON DELETE CASCADE, n INTEGER NOT NULL,
        PRIMARY KEY (parent_id, n)
    ) WITHOUT ROWID;
    CREATE TABLE few (a TEXT);
    """
]


def schema(database: Database) -> list[tuple[str, str, str]]:
    rows = database.all(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    )
    return [(row["type"], row["name"], str(row["sql"]).replace('"', "")) for row in rows]


def counts(database: Database) -> list[int]:
    return [
        database.all(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in ("parents", "children", "few")
    ]


async def fill(database: Database, children: int) -> None:
    def change(tx: sqlite3.Connection) -> None:
        tx.executemany(
            "INSERT INTO parents (name, data) VALUES (?, ?)", [(f"p{n}", b"x" * 9000) for n in range(500)]
        )
        tx.executemany(
            "INSERT INTO children SELECT id, ? FROM parents LIMIT 50", [(n,) for n in range(children)]
        )
        tx.execute("INSERT INTO few VALUES ('a')")

    await database.write(change)


async def discarded(database: Database) -> None:
    async with asyncio.timeout(60):
        while any("discarded" in name for _, name, _ in schema(database)):
            await asyncio.sleep(0.01)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "db.sqlite")
    made.migrate("test", STEPS)
    return made


@pytest.mark.parametrize("children", [0, 1, 100])
async def test_everything_goes_and_the_schema_stays(database: Database, children: int) -> None:
    before = schema(database)
    await fill(database, children)
    await database.clear()
    assert counts(database) == [0, 0, 0]
    await fill(database, children)  # at once, under the same names
    await discarded(database)
    assert schema(database) == before
    assert counts(database) == [500, 50 * children, 1]
    await database.execute("DELETE FROM parents")  # references still work
    assert counts(database) == [0, 0, 1]
    assert database.one("PRAGMA foreign_key_check") is None
    database.close()


async def test_what_an_ended_life_left_goes_in_the_next(database: Database, tmp_path: Path) -> None:
    before = schema(database)
    await fill(database, 3)
    await database.clear()
    database.close()  # long before the last slice
    again = Database(tmp_path / "db.sqlite")
    again.migrate("test", STEPS)
    assert counts(again) == [0, 0, 0] and schema(again) != before
    again.discard()
    await discarded(again)
    assert schema(again) == before
    again.close()


async def test_an_open_reader_is_no_obstacle(database: Database) -> None:
    await fill(database, 3)
    reader = sqlite3.connect(database.path)
    cursor = reader.execute("SELECT name FROM parents")
    cursor.fetchone()
    await database.clear()
    assert counts(database) == [0, 0, 0]
    assert len(cursor.fetchall()) == 499
    reader.close()
    await discarded(database)
    database.close()
