"""The writer thread: group commit, isolation of failures, migrations, kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sagehen.store.database import Database, Row, Transaction

SCHEMA = ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"]


async def test_a_write_is_readable_when_it_returns(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    await database.execute("INSERT INTO notes (text) VALUES (?)", ("one",))
    row = database.one("SELECT text FROM notes")
    assert row is not None and row["text"] == "one"


async def test_a_failing_write_undoes_itself_alone(database: Database) -> None:
    database.migrate("notes", SCHEMA)

    def failing(tx: Transaction) -> None:
        tx.execute("INSERT INTO notes (text) VALUES ('lost')")
        raise KeyError("no")

    results = await asyncio.gather(
        database.execute("INSERT INTO notes (text) VALUES ('a')"),
        database.write(failing),
        database.execute("INSERT INTO notes (text) VALUES ('b')"),
        return_exceptions=True,
    )
    assert isinstance(results[1], KeyError)
    assert [row["text"] for row in database.all("SELECT text FROM notes ORDER BY id")] == ["a", "b"]


async def test_a_cancelled_caller_does_not_stop_the_write(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    task = asyncio.create_task(database.execute("INSERT INTO notes (text) VALUES ('kept')"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.execute("INSERT INTO notes (text) VALUES ('later')")
    assert len(database.all("SELECT * FROM notes")) == 2


async def test_rows_that_are_taken_one_by_one_are_of_one_moment(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    for text in ("a", "b"):
        await database.execute("INSERT INTO notes (text) VALUES (?)", (text,))
    rows = database.each("SELECT text FROM notes ORDER BY id")
    assert next(rows)["text"] == "a"
    await database.execute("INSERT INTO notes (text) VALUES ('c')")
    assert [row["text"] for row in rows] == ["b"]
    half = database.each("SELECT text FROM notes ORDER BY id")
    assert next(half)["text"] == "a"
    del half  # given up half way: it holds no place in the log
    await database.execute("INSERT INTO notes (text) VALUES ('d')")
    with sqlite3.connect(database.path) as other:
        busy, pages, moved = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, pages, moved) == (0, 0, 0)


def test_migrations_run_once_each_and_in_order(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    database.migrate(
        "notes", [*SCHEMA, "ALTER TABLE notes ADD COLUMN at INTEGER; CREATE INDEX n ON notes (at)"]
    )
    database.migrate(
        "notes", [*SCHEMA, "ALTER TABLE notes ADD COLUMN at INTEGER; CREATE INDEX n ON notes (at)"]
    )
    assert database.all("SELECT id, text, at FROM notes") == []
    with pytest.raises(RuntimeError, match="newer Sagehen"):
        database.migrate("notes", SCHEMA)


def test_readers_cannot_write(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    with pytest.raises(sqlite3.OperationalError):
        database.all("INSERT INTO notes (text) VALUES ('x')")


async def test_clear_keeps_the_schema(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    await database.execute("INSERT INTO notes (text) VALUES ('x')")
    await database.clear()
    assert database.all("SELECT * FROM notes") == []
    database.migrate("notes", SCHEMA)  # still known to be applied


WRITER = """
import asyncio, pathlib, sys
from sagehen.store.database import Database
async def main():
    database = Database(pathlib.Path(sys.argv[1]))
    database.migrate("notes", ["CREATE TABLE notes (id INTEGER PRIMARY KEY)"])
    n = 0
    while True:
        await asyncio.gather(*(database.execute("INSERT INTO notes VALUES (?)", (n + i,)) for i in range(5)))
        n += 5
        print(n, flush=True)
asyncio.run(main())
"""


def test_acknowledged_writes_survive_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "crash.sqlite"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = 0
    for _ in range(40):
        acknowledged = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().split()
    acknowledged = int(rest[-1]) if rest and rest[-1] else acknowledged
    process.wait()
    process.stdout.close()
    database = Database(path)
    row = database.one("SELECT count(*) AS n, max(id) AS top FROM notes")
    database.close()
    assert row is not None and row["n"] >= acknowledged and row["top"] == row["n"] - 1


async def test_a_page_of_so_many_bytes_reads_no_more(database: Database) -> None:
    database.migrate("notes", SCHEMA)
    for text in ("a" * 10, "b" * 10, "c" * 10, "d" * 100):
        await database.execute("INSERT INTO notes (text) VALUES (?)", (text,))
    sizes: list[int] = []

    def size(row: Row) -> int:
        sizes.append(len(row["text"]))
        return sizes[-1]

    def page(after: int, most_bytes: int) -> tuple[str, bool]:
        sizes.clear()
        rows, whole = database.within(
            "SELECT * FROM notes WHERE id > ? ORDER BY id", (after,), most_bytes=most_bytes, size=size
        )
        return "".join(row["text"][0] for row in rows), whole

    assert page(0, 20) == ("ab", False)
    assert len(sizes) == 3, "one row behind the page is looked at, and none behind that"
    assert page(3, 20) == ("d", True), "the first one is on the page, however long"
    assert page(0, 1000) == ("abcd", True)
    assert page(4, 20) == ("", True)
