"""The SQL of function URLs: one at most for a function, and one for each of its aliases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import ResourceConflictException, ResourceNotFoundException
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.storage.rows import OF_NAME, key, moment
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Row, Transaction

_ONE = f"SELECT * FROM lambda_urls {OF_NAME} AND qualifier = ?"

Cors = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UrlConfig:
    """A function URL.

    Args:
        reference: The function, or with a qualifier its alias.
        url_id: 32 letters and digits; never drawn twice.
        auth_type: `NONE` or `AWS_IAM`.
        invoke_mode: `BUFFERED` or `RESPONSE_STREAM`; None where nobody chose: then none is shown (recorded).
        cors: As configured, or None.
    """

    reference: FunctionReference
    url_id: str
    auth_type: str
    created_at: datetime
    modified_at: datetime
    invoke_mode: str | None = None
    cors: Cors | None = None

    @property
    def streams(self) -> bool:
        return self.invoke_mode == "RESPONSE_STREAM"


class UrlRecords:
    """Reads and writes of function URLs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, reference: FunctionReference) -> UrlConfig | None:
        """Return the URL of exactly this qualifier; '' is the function itself."""
        row = self._tables.database.one(_ONE, (*key(reference), reference.qualifier))
        return None if row is None else _config_of(row)

    def by_id(self, url_id: str) -> UrlConfig | None:
        """Return the URL of this id, in whichever account and region; remembered, for every request asks."""

        def read() -> UrlConfig | None:
            row = self._tables.database.one("SELECT * FROM lambda_urls WHERE url_id = ?", (url_id,))
            return None if row is None else _config_of(row)

        return self._tables.remember(("url", url_id), read)

    def of_function(self, reference: FunctionReference) -> list[UrlConfig]:
        """Return those of a function and its aliases, in the order of listings."""
        rows = self._tables.database.all(
            f"SELECT * FROM lambda_urls {OF_NAME} ORDER BY qualifier", key(reference)
        )
        return [_config_of(row) for row in rows]

    async def create(self, config: UrlConfig) -> None:
        """Store a new one.

        Raises:
            ResourceNotFoundException: The function, or its alias, is not there.
            ResourceConflictException: There is one already (recorded).
        """

        def work(tx: Transaction) -> None:
            _require_owner(tx, config.reference)
            if tx.execute(_ONE, (*key(config.reference), config.reference.qualifier)).fetchone():
                raise ResourceConflictException(
                    f"Failed to create function url config for [functionArn = {config.reference.arn}]. "
                    "Error message:  FunctionUrlConfig exists for this Lambda function"
                )
            _put(tx, config)

        await self._tables.change(work)

    async def update(
        self, reference: FunctionReference, change: Callable[[UrlConfig], UrlConfig]
    ) -> UrlConfig | None:
        """Replace one by what `change` makes of it; None where there is none."""

        def work(tx: Transaction) -> UrlConfig | None:
            row = tx.execute(_ONE, (*key(reference), reference.qualifier)).fetchone()
            if row is None:
                return None
            changed = change(_config_of(row))
            _put(tx, changed)
            return changed

        return await self._tables.change(work)

    async def delete(self, reference: FunctionReference) -> bool:
        """Delete one; False where there was none."""
        full = (*key(reference), reference.qualifier)
        return await self._tables.change(
            lambda tx: tx.execute(f"DELETE FROM lambda_urls {OF_NAME} AND qualifier = ?", full).rowcount > 0
        )


def no_function() -> ResourceNotFoundException:
    """Return what is answered where a URL's function is not there (recorded)."""
    return ResourceNotFoundException("Function does not exist")


def _require_owner(tx: Transaction, reference: FunctionReference) -> None:
    full = key(reference)
    found = tx.execute(f"SELECT 1 FROM lambda_functions {OF_NAME}", full).fetchone()
    if found and reference.qualifier:
        of_alias = f"SELECT 1 FROM lambda_aliases {OF_NAME} AND alias = ?"
        found = tx.execute(of_alias, (*full, reference.qualifier)).fetchone()
    if found is None:
        raise no_function()


def _config_of(row: Row) -> UrlConfig:
    scope = Scope(row["account_id"], row["region"])
    return UrlConfig(
        FunctionReference(scope, row["name"], row["qualifier"]),
        row["url_id"],
        row["auth_type"],
        moment(row["created_at"]),
        moment(row["modified_at"]),
        row["invoke_mode"],
        None if row["cors"] is None else json.loads(row["cors"]),
    )


def _put(tx: Transaction, config: UrlConfig) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO lambda_urls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key(config.reference),
            config.reference.qualifier,
            config.url_id,
            config.auth_type,
            config.invoke_mode,
            None if config.cors is None else json.dumps(dict(config.cors)),
            config.created_at.timestamp(),
            config.modified_at.timestamp(),
        ),
    )
