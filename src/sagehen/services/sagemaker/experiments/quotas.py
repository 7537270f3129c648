"""How many experiments, trials and components there may be."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments.entity import COMPONENT, Kind
from sagehen.services.sagemaker.experiments.schema import COMPONENTS, SOURCES
from sagehen.services.sagemaker.resources.errors import limit_exceeded
from sagehen.services.sagemaker.resources.rows import require_room
from sagehen.store.database import Transaction

# Of a kind, for an account in a region, components of jobs not counted; each may have some 100 kB. Ours.
MOST = 20_000


def require_room_of(tx: Transaction, kind: Kind, scope: Scope) -> None:
    """Check, within the transaction that adds one, that there are fewer of a kind than may be.

    Raises:
        ResourceLimitExceeded
    """
    require_room(tx, kind.table, scope, MOST, _quota(kind))


def _quota(kind: Kind) -> str:
    return f"Total number of {kind.resource}s"


def require_room_of_components(tx: Transaction, scope: Scope) -> None:
    """Check that there are fewer than may be, but for those of jobs.

    Raises:
        ResourceLimitExceeded
    """
    of_scope = "account_id = ? AND region = ?"
    (count,) = tx.execute(
        f"SELECT (SELECT count(*) FROM {COMPONENTS} WHERE {of_scope})"
        f" - (SELECT count(*) FROM {SOURCES} WHERE {of_scope} AND NOT within)",
        (scope.account_id, scope.region) * 2,
    ).fetchone()
    if count >= MOST:
        raise limit_exceeded(_quota(COMPONENT), MOST, count)
