"""Emptying a database in a time that does not depend on what it holds.

SQLite deletes a row by going through its pages: 16 ms per MB. Small tables are emptied so; a large one is
renamed aside and made anew, and what was set aside goes in slices afterwards, or after the next start.
"""

from __future__ import annotations

import secrets
import sqlite3
import time

_ASIDE = "discarded_"
# A row holds up to 64 kB of an object: up to here a table goes within some 100 ms.
_SMALL_ROWS = 100
# What one slice of deletion may hold the writers up.
_SLICE_S = 0.02
_MOST_IN_A_SLICE = 20_000


def empty(connection: sqlite3.Connection) -> None:
    """Leave every table but the schema's versions empty, in one transaction of a connection's own.

    Raises:
        sqlite3.Error: Nothing was changed.
    """
    # Within a transaction these have no effect. Without them a renamed table would take along the
    # references to it, and every row would be looked up in the tables that refer to its own.
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA legacy_alter_table=ON")
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for name, sql in _tables(connection):
                _empty_table(connection, name, sql)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    finally:
        connection.execute("PRAGMA legacy_alter_table=OFF")
        connection.execute("PRAGMA foreign_keys=ON")


def _tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        f" AND name NOT LIKE '{_ASIDE}%' AND name <> 'schema_versions'"
    ).fetchall()
    return [(name, sql) for name, sql in rows]


def _empty_table(connection: sqlite3.Connection, name: str, sql: str) -> None:
    counted = connection.execute(f'SELECT count(*) FROM (SELECT 1 FROM "{name}" LIMIT ?)', (_SMALL_ROWS + 1,))
    (rows,) = counted.fetchone()
    if rows <= _SMALL_ROWS:
        if rows:
            connection.execute(f'DELETE FROM "{name}"')
        return
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        (name,),
    ).fetchall()
    for index, _ in indexes:  # names of indexes cannot be changed, and the new table's shall be the same
        connection.execute(f'DROP INDEX "{index}"')
    connection.execute(f'ALTER TABLE "{name}" RENAME TO "{_ASIDE}{secrets.token_hex(6)}_{name}"')
    connection.execute(sql)
    for _, index_sql in indexes:
        connection.execute(index_sql)


class Discarding:
    """Deletes what was set aside, a slice per transaction."""

    def __init__(self) -> None:
        self._rows = 32

    def slice(self, connection: sqlite3.Connection) -> bool:
        """Delete a slice within the connection's transaction; tell whether more is left."""
        found = connection.execute(
            f"SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '{_ASIDE}%' LIMIT 1"
        ).fetchone()
        if found is None:
            return False
        (name,) = found
        began = time.perf_counter()
        key = _key(connection, name)
        deleted = connection.execute(
            f'DELETE FROM "{name}" WHERE ({key}) IN (SELECT {key} FROM "{name}" LIMIT ?)', (self._rows,)
        ).rowcount
        if deleted < self._rows:
            connection.execute(f'DROP TABLE "{name}"')
        took_s = time.perf_counter() - began
        if took_s < _SLICE_S / 2:
            self._rows = min(2 * self._rows, _MOST_IN_A_SLICE)
        elif took_s > _SLICE_S:
            self._rows = max(self._rows // 2, 8)
        return True


def _key(connection: sqlite3.Connection, name: str) -> str:
    """Return what tells rows apart: `rowid`, or the primary key of a table that has none."""
    columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
    key = sorted((column["pk"], column["name"]) for column in columns if column["pk"])
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return ", ".join(f'"{column}"' for _, column in key) if "WITHOUT ROWID" in sql.upper() else "rowid"
