"""Passes of tracking servers, each of one id."""

from __future__ import annotations

from sagehen.services.sagemaker.resources.passes import Passes, table_of
from sagehen.store.database import Database

TABLE = "sagemaker_tracking_passes"
_OWNER = "server"
MIGRATIONS = (table_of(TABLE, _OWNER),)


def tracking_passes(database: Database) -> Passes:
    """Return what reads and writes them."""
    return Passes(database, TABLE, _OWNER)
