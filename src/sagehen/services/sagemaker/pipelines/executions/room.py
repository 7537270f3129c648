"""Room for executions: how many an account may have at once, and how many are kept of a pipeline."""

from __future__ import annotations

from sagehen.services.sagemaker.pipelines.executions.execution import UNFINISHED, Execution
from sagehen.services.sagemaker.pipelines.executions.rows import (
    OF_EXECUTION,
    OF_PIPELINE,
    STEPS,
    TABLE,
    VERSIONS,
)
from sagehen.services.sagemaker.resources.errors import limit_exceeded
from sagehen.services.sagemaker.resources.rows import KEY, key
from sagehen.services.sagemaker.tags.records import delete_all_tags
from sagehen.store.database import Transaction

# Documented: Pipelines quotas, 200 executions of an account at once.
MOST_AT_ONCE = 200
# Ours: characters of definitions that they hold together. Read, each is some 13 times as large.
MOST_DEFINITIONS = 16 << 20
# Ours: of a pipeline's executions that have ended, the oldest make room.
MOST_KEPT = 1_000


def require_room(tx: Transaction, execution: Execution) -> None:
    """Check that an execution that is to go on finds room beside the account's others.

    Raises:
        ResourceLimitExceeded: Too many of the account's go on, or their definitions are too long.
    """
    scope = execution.scope
    count, held = tx.execute(
        f"SELECT count(*), total(length(v.definition)) FROM {TABLE} e LEFT JOIN {VERSIONS} v"
        " ON v.account_id = e.account_id AND v.region = e.region"
        " AND v.pipeline = e.pipeline AND v.version = e.version"
        " WHERE e.account_id = ? AND e.region = ? AND e.status IN (?, ?)",
        (scope.account_id, scope.region, *UNFINISHED),
    ).fetchone()
    if count >= MOST_AT_ONCE:
        what = "Maximum number of concurrent pipeline executions"
        raise limit_exceeded(what, MOST_AT_ONCE, count, " Executions")
    (own,) = tx.execute(
        f"SELECT total(length(definition)) FROM {VERSIONS} WHERE {OF_PIPELINE} AND version = ?",
        (*key(scope, execution.pipeline), execution.version),
    ).fetchone()
    if count and held + own > MOST_DEFINITIONS:
        what = "Total size of the definitions of concurrent pipeline executions"
        raise limit_exceeded(what, MOST_DEFINITIONS, int(held), " Bytes", int(own))


def make_room(tx: Transaction, execution: Execution) -> None:
    """Forget the oldest of a pipeline's executions that have ended, for a new one."""
    scope = execution.scope
    rows = tx.execute(
        f"SELECT name FROM {TABLE} WHERE {OF_PIPELINE} AND status NOT IN (?, ?)"
        " ORDER BY created_at DESC LIMIT -1 OFFSET ?",
        (*key(scope, execution.pipeline), *UNFINISHED, MOST_KEPT - 1),
    ).fetchall()
    for row in rows:
        tx.execute(f"DELETE FROM {STEPS} WHERE {OF_EXECUTION}", key(scope, row["name"]))
        tx.execute(f"DELETE FROM {TABLE} WHERE {KEY}", key(scope, row["name"]))
        delete_all_tags(tx, f"{execution.pipeline_arn}/execution/{row['name']}")
