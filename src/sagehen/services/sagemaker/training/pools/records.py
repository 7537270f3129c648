"""The SQL of warm pools: a row for each job that has, or had, something to do with one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.rows import KEY, key, scope_of
from sagehen.services.sagemaker.training.pools.pool import WarmPool
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_warm_pools (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        pool_id TEXT NOT NULL, match_key TEXT NOT NULL,
        instance_type TEXT NOT NULL, instances INTEGER NOT NULL,
        keep_s INTEGER NOT NULL, made_at REAL NOT NULL, status TEXT NOT NULL,
        kept_at REAL, ended_at REAL, reused_by TEXT,
        PRIMARY KEY (account_id, region, name)
    ) WITHOUT ROWID;
    CREATE INDEX sagemaker_warm_pools_kept ON sagemaker_warm_pools (status, match_key);
    """,
)
# Of ListTrainingJobs, which asks of the jobs' own table.
HAS_STATUS = (
    "EXISTS (SELECT 1 FROM sagemaker_warm_pools p WHERE p.account_id = sagemaker_training_jobs.account_id"
    " AND p.region = sagemaker_training_jobs.region AND p.name = sagemaker_training_jobs.name"
    " AND p.status = ?)"
)

# While its job has not ended, the job itself is counted.
_WAITING = (
    "SELECT instance_type, instances FROM sagemaker_warm_pools p WHERE status = 'Available'"
    " AND account_id = ? AND region = ? AND NOT EXISTS (SELECT 1 FROM sagemaker_training_jobs j"
    " WHERE j.account_id = p.account_id AND j.region = p.region AND j.name = p.name"
    " AND j.status IN ('InProgress', 'Stopping'))"
)
_MATCHING = (
    "SELECT instance_type, instances FROM sagemaker_warm_pools WHERE status = 'Available' AND match_key = ?"
    " LIMIT ?"
)


def waiting_instances(
    read: Callable[[str, tuple[Any, ...]], list[Row]],
    scope: Scope,
    match_key: str | None = None,
    jobs: int = 1,
) -> Counter[str]:
    """Return how many instances of each type wait in an account's pools in a region.

    Args:
        read: Runs a query, perhaps within a transaction.
        match_key: Of jobs: the pools that they would take over are left out.
        jobs: How many of them there are.
    """
    waiting: Counter[str] = Counter()
    for row in read(_WAITING, (scope.account_id, scope.region)):
        waiting[row["instance_type"]] += row["instances"]
    for row in read(_MATCHING, (match_key, jobs)) if match_key is not None else ():
        waiting[row["instance_type"]] -= row["instances"]
    return waiting


class WarmPoolRecords:
    """Reads and writes of warm pools."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: Scope, name: str) -> WarmPool | None:
        """Return what a job has to do with a pool, or None."""
        row = self._database.one(f"SELECT * FROM sagemaker_warm_pools WHERE {KEY}", key(scope, name))
        return _pool(row) if row else None

    def of_jobs(self, scope: Scope, names: Collection[str]) -> dict[str, WarmPool]:
        """Return those of several jobs, by the jobs' names."""
        holes = ", ".join("?" * len(names))
        sql = f"SELECT * FROM sagemaker_warm_pools WHERE account_id = ? AND region = ? AND name IN ({holes})"
        rows = self._database.all(sql, (scope.account_id, scope.region, *names)) if names else []
        return {row["name"]: _pool(row) for row in rows}

    def unfinished(self) -> list[WarmPool]:
        """Return every one, of every account, that is in use or available: the longest kept come first."""
        rows = self._database.all(
            "SELECT * FROM sagemaker_warm_pools WHERE status IN ('InUse', 'Available') ORDER BY kept_at"
        )
        return [_pool(row) for row in rows]

    def available(self) -> list[WarmPool]:
        """Return every one that waits for a job: the longest kept come first."""
        rows = self._database.all(
            "SELECT * FROM sagemaker_warm_pools WHERE status = 'Available' ORDER BY kept_at"
        )
        return [_pool(row) for row in rows]

    def instances_besides(self, pool: WarmPool) -> int:
        """Return how many instances of its type other pools of its account and region have."""
        row = self._database.one(
            "SELECT SUM(instances) AS total FROM sagemaker_warm_pools WHERE status IN ('InUse', 'Available')"
            " AND account_id = ? AND region = ? AND name <> ? AND instance_type = ?",
            (*key(pool.scope, pool.name), pool.instance_type),
        )
        return (row["total"] or 0) if row else 0

    async def move(self, mine: WarmPool, take: Callable[[WarmPool], WarmPool]) -> WarmPool | None:
        """Give a job the pool that it matches and that was kept longest, and store both; or return None.

        Args:
            mine: The job's own row, to be stored with that pool's id.
            take: Returns what becomes of the earlier job's row.

        Returns:
            The job's own row, as stored.
        """
        matching = (
            "SELECT * FROM sagemaker_warm_pools WHERE status = 'Available' AND match_key = ? ORDER BY kept_at"
        )

        def apply(tx: Transaction) -> WarmPool | None:
            row = tx.execute(matching, (mine.key,)).fetchone()
            if row is None:
                return None
            earlier = _pool(row)
            moved = _moved(mine, earlier)
            _store(tx, take(earlier))
            _store(tx, moved)
            return moved

        return await self._database.write(apply)

    async def store(self, pool: WarmPool) -> None:
        """Store a row, in the place of what was there."""
        await self._database.write(lambda tx: _store(tx, pool))

    async def change(self, scope: Scope, name: str, step: Callable[[WarmPool], WarmPool]) -> WarmPool | None:
        """Apply `step` to a row as it is in the very transaction; return what is stored now.

        `step` may raise: then nothing is stored, and the error comes out here.
        """

        def apply(tx: Transaction) -> WarmPool | None:
            select = f"SELECT * FROM sagemaker_warm_pools WHERE {KEY}"
            row = tx.execute(select, key(scope, name)).fetchone()
            if row is None:
                return None
            pool = step(_pool(row))
            _store(tx, pool)
            return pool

        return await self._database.write(apply)

    async def delete(self, scope: Scope, name: str) -> None:
        """Forget a row: its job is deleted."""
        await self._database.execute(f"DELETE FROM sagemaker_warm_pools WHERE {KEY}", key(scope, name))


def _moved(mine: WarmPool, earlier: WarmPool) -> WarmPool:
    values = {name: getattr(mine, name) for name in mine.__slots__}
    return WarmPool(**{**values, "pool_id": earlier.pool_id, "made_at": earlier.made_at})


def _store(tx: Transaction, pool: WarmPool) -> None:
    values: Sequence[Any] = (
        *key(pool.scope, pool.name), pool.pool_id, pool.key, pool.instance_type, pool.instances,
        pool.keep_s, pool.made_at, pool.status, pool.kept_at, pool.ended_at, pool.reused_by,
    )  # fmt: skip
    holes = ", ".join("?" * len(values))
    tx.execute(f"INSERT OR REPLACE INTO sagemaker_warm_pools VALUES ({holes})", values)


def _pool(row: Row) -> WarmPool:
    return WarmPool(
        scope=scope_of(row),
        name=row["name"],
        pool_id=row["pool_id"],
        key=row["match_key"],
        instance_type=row["instance_type"],
        instances=row["instances"],
        keep_s=row["keep_s"],
        made_at=row["made_at"],
        status=row["status"],
        kept_at=row["kept_at"],
        ended_at=row["ended_at"],
        reused_by=row["reused_by"],
    )
