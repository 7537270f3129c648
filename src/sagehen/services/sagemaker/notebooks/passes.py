"""Passes of notebook instances: each is for one volume, so that a new instance of an old name is another."""

from __future__ import annotations

from sagehen.services.sagemaker.resources.passes import Passes, table_of
from sagehen.store.database import Database, Transaction

TABLE = "sagemaker_notebook_passes"
_OWNER = "volume_id"
MIGRATIONS = (table_of(TABLE, _OWNER),)


def notebook_passes(database: Database) -> Passes:
    """Return what reads and writes them."""
    return Passes(database, TABLE, _OWNER)


def delete_passes(tx: Transaction, volume_id: str) -> None:
    """Forget the passes of an instance within the transaction that removes it."""
    tx.execute(f"DELETE FROM {TABLE} WHERE {_OWNER} = ?", (volume_id,))
