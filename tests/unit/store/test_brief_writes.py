"""Brief writes: committed in the event loop, or by the writer thread where the loop would have to wait."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sagehen.store import brief_writes
from sagehen.store.database import Database, Transaction

SCHEMA = ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"]
LOOP = threading.current_thread().name


@pytest.fixture
def notes(database: Database) -> Database:
    database.migrate("notes", SCHEMA)
    return database


def insert(text: str) -> Callable[[Transaction], str]:
    """Return a change that inserts a note and tells in which thread it ran."""

    def change(tx: Transaction) -> str:
        tx.execute("INSERT INTO notes (text) VALUES (?)", (text,))
        return threading.current_thread().name

    return change


def texts(database: Database) -> list[str]:
    return [row["text"] for row in database.all("SELECT text FROM notes ORDER BY id")]


async def test_it_is_committed_in_the_event_loop(notes: Database) -> None:
    ran = await asyncio.gather(*(notes.write(insert(str(i)), brief=True) for i in range(3)))
    assert ran == [LOOP] * 3
    assert texts(notes) == ["0", "1", "2"]
    with sqlite3.connect(notes.path) as other:  # committed: another connection sees it
        assert other.execute("SELECT count(*) FROM notes").fetchone() == (3,)
    other.close()


@pytest.mark.parametrize("beside", [[], ["a", "b"]])
async def test_one_that_fails_undoes_itself_alone(notes: Database, beside: list[str]) -> None:
    def failing(tx: Transaction) -> None:
        tx.execute("INSERT INTO notes (text) VALUES ('lost')")
        raise KeyError("no")

    changes = [notes.write(insert(text), brief=True) for text in beside]
    results = await asyncio.gather(notes.write(failing, brief=True), *changes, return_exceptions=True)
    assert isinstance(results[0], KeyError)
    assert texts(notes) == beside
    await notes.write(insert("later"), brief=True)
    assert texts(notes) == [*beside, "later"]


async def test_what_was_asked_first_is_written_first(notes: Database) -> None:
    writing, asked = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        writing.set()
        assert asked.wait(30)
        tx.execute("INSERT INTO notes (text) VALUES ('slow')")

    first = asyncio.create_task(notes.write(slow))
    await asyncio.to_thread(writing.wait, 30)
    second = asyncio.create_task(notes.write(insert("queued")))
    third = asyncio.create_task(notes.write(insert("brief"), brief=True))
    for _ in range(3):  # both are asked for, and the loop's turn to commit is over
        await asyncio.sleep(0)
    asked.set()
    _, _, ran = await asyncio.gather(first, second, third)
    assert ran == "store-writer"
    assert texts(notes) == ["slow", "queued", "brief"]


async def test_a_lock_of_another_process_does_not_stop_the_loop(notes: Database) -> None:
    other = sqlite3.connect(notes.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(notes.write(insert("waits"), brief=True))
    for _ in range(10):  # the loop turns meanwhile
        await asyncio.sleep(0.005)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    assert await writing == "store-writer"
    assert texts(notes) == ["waits"]


async def test_after_a_stall_the_thread_takes_over(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief_writes, "_STALL_S", -1.0)
    first = await notes.write(insert("slow disk"), brief=True)
    monkeypatch.undo()
    assert (first, await notes.write(insert("next"), brief=True)) == (LOOP, "store-writer")


async def test_a_long_log_is_emptied_by_the_thread(notes: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brief_writes, "_LOOK_EVERY", 1)
    monkeypatch.setattr(brief_writes, "_CHECKPOINT_BYTES", 20_000)
    log = Path(f"{notes.path}-wal")
    longest = 0
    for _ in range(20):
        await notes.write(insert("x" * 5000), brief=True)
        longest = max(longest, log.stat().st_size)
        await asyncio.sleep(0.005)
    assert longest > 20_000
    async with asyncio.timeout(30):  # the thread's turn comes when the machine has one for it
        while log.stat().st_size >= 20_000 + 3 * 8192:
            await notes.write(insert("x"), brief=True)
            await asyncio.sleep(0.05)
    assert len(texts(notes)) >= 20


async def test_a_slow_reader_outside_keeps_the_log_and_stops_nobody(
    notes: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief_writes, "_LOOK_EVERY", 1)
    monkeypatch.setattr(brief_writes, "_CHECKPOINT_BYTES", 20_000)
    waited: list[int] = []
    busy = notes._writer_connection.execute("PRAGMA busy_timeout").fetchone()[0]
    shell = sqlite3.connect(notes.path, isolation_level=None)
    shell.execute("BEGIN")
    shell.execute("SELECT count(*) FROM notes").fetchall()  # it now holds the pages of this moment
    for _ in range(10):
        await notes.write(insert("x" * 5000), brief=True)
        # Whoever empties the log waits for readers no longer than this.
        waited.append(notes._writer_connection.execute("PRAGMA busy_timeout").fetchone()[0])
        await asyncio.sleep(0.005)
    assert shell.execute("SELECT count(*) FROM notes").fetchone() == (0,)
    shell.execute("COMMIT")
    shell.close()
    assert set(waited) <= {50, busy}
    await notes.write(insert("after"))
    assert len(texts(notes)) == 11
    assert notes._writer_connection.execute("PRAGMA busy_timeout").fetchone()[0] == busy


async def test_a_rush_leaves_the_loop_its_turns(notes: Database) -> None:
    writing = asyncio.gather(*(notes.write(insert(str(number)), brief=True) for number in range(200)))
    turns = 0
    while not writing.done():
        await asyncio.sleep(0)
        turns += 1
    assert await writing == [LOOP] * 200
    assert turns >= 200 // 32
    assert texts(notes) == [str(number) for number in range(200)]


@pytest.mark.parametrize("brief", [True, False])
async def test_a_damaged_file_is_an_error_and_no_silence(
    notes: Database, monkeypatch: pytest.MonkeyPatch, brief: bool
) -> None:
    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    for module in ("brief_writes", "database"):
        monkeypatch.setattr(f"sagehen.store.{module}.commit_group", damaged)
    with pytest.raises(sqlite3.DatabaseError, match="malformed"):
        await notes.write(insert("lost"), brief=brief)
    monkeypatch.undo()
    await notes.write(insert("found"), brief=brief)
    assert texts(notes) == ["found"]


async def test_full_durability_leaves_every_commit_to_the_thread(tmp_path: Path) -> None:
    database = Database(tmp_path / "full.sqlite", durability="full")
    database.migrate("notes", SCHEMA)
    assert await database.write(insert("synced"), brief=True) == "store-writer"
    database.close()


async def test_a_closed_database_tells_who_waits(tmp_path: Path) -> None:
    database = Database(tmp_path / "closed.sqlite")
    database.migrate("notes", SCHEMA)
    early = asyncio.create_task(database.write(insert("early"), brief=True))
    await asyncio.sleep(0)
    database.close()
    late = [asyncio.create_task(database.write(insert("late"), brief=brief)) for brief in (True, False)]
    for writing in (early, *late):
        with pytest.raises(sqlite3.ProgrammingError):
            await writing
    with pytest.raises(sqlite3.ProgrammingError):
        database.write_now(insert("late"))


async def test_a_cancelled_caller_does_not_stop_it(notes: Database) -> None:
    task = asyncio.create_task(notes.write(insert("kept"), brief=True))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await notes.write(insert("later"), brief=True)
    assert texts(notes) == ["kept", "later"]
