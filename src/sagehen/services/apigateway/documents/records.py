"""The rows of API Gateway. An API's definition and a deployment's are documents: see `definition.py`.

`Records.generation` changes after every commit: what is remembered in memory compares it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.documents.items import OF_ITEM, dump, load
from sagehen.services.apigateway.errors import LimitExceededException, no_such_api
from sagehen.store.database import Database, Row, Transaction

T = TypeVar("T")

# Stored as one document, which every change writes again. AWS has no such limit; the largest definition that
# it imports has 6 MB, and documentation versions are copies besides.
MAX_CONTENT_BYTES = 16 * 1024 * 1024


def definition_too_large() -> LimitExceededException:
    """Return the refusal of a definition beyond `MAX_CONTENT_BYTES`. AWS knows no such limit."""
    return LimitExceededException(
        f"The definition of an API must not be larger than {MAX_CONTENT_BYTES} bytes"
    )


class Records:
    """Reads and writes; what is shared by all rooms of the control plane."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.generation = 0

    def changed(self) -> None:
        """Make everything that compares `generation` look again."""
        self.generation += 1

    async def write(self, change: Callable[[Transaction], T]) -> T:
        """Commit a change, then tell the caches; also where the caller was cancelled meanwhile."""
        # A caller that goes away may leave a change that is committed after it: the caches hear of it all
        # the same.
        task = asyncio.ensure_future(self.database.write(change))
        task.add_done_callback(lambda done: self.changed())
        return await asyncio.shield(task)

    # --- APIs ------------------------------------------------------------------------------

    def definition(self, scope: Scope, api_id: str, missing: ServiceError | None = None) -> Definition:
        """Return an API as it is now.

        Raises:
            NotFoundException: There is none of that id in the scope (or `missing` instead).
        """
        row = self.database.one(_ONE_API, (api_id, scope.account_id, scope.region))
        if row is None:
            raise missing or no_such_api(scope.account_id, api_id)
        return _definition(row)

    def scope_of(self, api_id: str) -> Scope | None:
        """Return where an API lives."""
        row = self.database.one("SELECT account_id, region FROM apigateway_rest_apis WHERE id = ?", (api_id,))
        return Scope(row["account_id"], row["region"]) if row else None

    def any_definition(self, api_id: str) -> Definition | None:
        """Return an API of whichever account: for the data plane, whose callers name only the id."""
        row = self.database.one("SELECT * FROM apigateway_rest_apis WHERE id = ?", (api_id,))
        return _definition(row) if row else None

    def settings(self, scope: Scope) -> list[Document]:
        """Return the RestApi structures of a scope, oldest first."""
        rows = self.database.all(
            "SELECT settings FROM apigateway_rest_apis WHERE account_id = ? AND region = ?"
            " ORDER BY created_at, id",
            (scope.account_id, scope.region),
        )
        return [load(row["settings"]) for row in rows]

    def settings_of(self, scope: Scope, api_id: str) -> Document | None:
        """Return the RestApi structure of one API, or None."""
        row = self.database.one(
            "SELECT settings FROM apigateway_rest_apis WHERE id = ? AND account_id = ? AND region = ?",
            (api_id, scope.account_id, scope.region),
        )
        return load(row["settings"]) if row else None

    def count(self, scope: Scope) -> int:
        """Return how many APIs a scope has."""
        row = self.database.one(
            "SELECT count(*) AS n FROM apigateway_rest_apis WHERE account_id = ? AND region = ?",
            (scope.account_id, scope.region),
        )
        return row["n"] if row else 0

    async def insert(self, definition: Definition) -> None:
        """Store a new API.

        Raises:
            LimitExceededException: Its definition is too large.
        """
        await self.write(lambda tx: _insert(tx, definition))

    async def edit(
        self,
        scope: Scope,
        api_id: str,
        change: Callable[[Definition], T],
        missing: ServiceError | None = None,
    ) -> T:
        """Let `change` alter an API's definition; nothing is stored where it raises.

        Raises:
            NotFoundException: There is none of that id in the scope (or `missing` instead: AWS
                says of some parts of an unknown API that the part is not there).
        """

        def run(tx: Transaction) -> T:
            definition = read_definition(tx, scope, api_id, missing)
            result = change(definition)
            store_definition(tx, definition)
            return result

        return await self.write(run)

    async def swap(self, before: Definition, after: Definition) -> bool:
        """Store `after` if the API still is as `before`; False, and nothing stored, if it changed.

        For changes that take too long for the writer: everybody else's writes would wait.
        """

        def run(tx: Transaction) -> bool:
            now = read_definition(tx, before.scope, before.id)
            # Documents are compared whole: a number of the change would be one more thing to keep right.
            if (now.settings, now.content) != (before.settings, before.content):
                return False
            store_definition(tx, after)
            return True

        return await self.write(run)

    # --- documents under a key ---------------------------------------------------------------

    def item(self, scope: Scope, kind: str, item_id: str) -> Document | None:
        """Return the document of a kind under an id, or None."""
        row = self.database.one(f"SELECT document {OF_ITEM}", (scope.account_id, scope.region, kind, item_id))
        return load(row["document"]) if row else None

    def items(self, scope: Scope, kind: str) -> list[Document]:
        """Return all of a kind, oldest first."""
        rows = self.database.all(
            "SELECT document FROM apigateway_items WHERE account_id = ? AND region = ? AND kind = ?"
            " ORDER BY created_at, id",
            (scope.account_id, scope.region, kind),
        )
        return [load(row["document"]) for row in rows]


_ONE_API = "SELECT * FROM apigateway_rest_apis WHERE id = ? AND account_id = ? AND region = ?"


def read_definition(
    tx: Transaction, scope: Scope, api_id: str, missing: ServiceError | None = None
) -> Definition:
    """Return an API's definition inside a transaction, or raise NotFoundException or `missing`."""
    row = tx.execute(_ONE_API, (api_id, scope.account_id, scope.region)).fetchone()
    if row is None:
        raise missing or no_such_api(scope.account_id, api_id)
    return _definition(row)


def store_definition(tx: Transaction, definition: Definition) -> None:
    """Store an API that is there, inside a transaction.

    Raises:
        LimitExceededException: Its definition is too large.
    """
    tx.execute(
        "UPDATE apigateway_rest_apis SET settings = ?, content = ? WHERE id = ?",
        (dump(definition.settings), _content(definition), definition.id),
    )


def has_stage(tx: Transaction, scope: Scope, api_id: str, stage: str) -> bool:
    """Whether an API of the scope has a stage of that name."""
    row = tx.execute(
        "SELECT 1 FROM apigateway_rest_apis AS api JOIN apigateway_stages AS stage ON stage.api_id = api.id"
        " WHERE api.id = ? AND api.account_id = ? AND api.region = ? AND stage.name = ?",
        (api_id, scope.account_id, scope.region, stage),
    ).fetchone()
    return row is not None


def _definition(row: Row) -> Definition:
    return Definition(Scope(row["account_id"], row["region"]), load(row["settings"]), load(row["content"]))


def _insert(tx: Transaction, definition: Definition) -> None:
    scope = definition.scope
    tx.execute(
        "INSERT INTO apigateway_rest_apis VALUES (?, ?, ?, ?, ?, ?)",
        (
            definition.id,
            scope.account_id,
            scope.region,
            definition.settings["createdDate"],
            dump(definition.settings),
            _content(definition),
        ),
    )


def _content(definition: Definition) -> bytes:
    content = dump(definition.content)
    if len(content) > MAX_CONTENT_BYTES:
        raise definition_too_large()
    return content
