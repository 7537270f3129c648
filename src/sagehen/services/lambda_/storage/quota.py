"""CodeQuota: how much the packages of an account take, and that they take no more than they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import CodeStorageExceededException
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Transaction

T = TypeVar("T")

_OF_SCOPE = "WHERE account_id = :account AND region = :region"
_USAGE = (
    f"SELECT (SELECT coalesce(sum(code_size), 0) FROM lambda_versions {_OF_SCOPE})"
    f" + (SELECT coalesce(sum(code_size), 0) FROM lambda_layer_versions {_OF_SCOPE}) AS bytes,"
    f" (SELECT count(*) FROM lambda_functions {_OF_SCOPE}) AS functions"
)


class CodeQuota:
    """Counts packages as AWS does: each version's by itself, also where two are the same.

    Args:
        most_bytes: Of the packages, as uploaded, of all versions and layers of an account in one region.
    """

    def __init__(self, tables: Tables, most_bytes: int) -> None:
        self._tables = tables
        self._most_bytes = most_bytes

    async def change(self, scope: Scope, work: Callable[[Transaction], T]) -> T:
        """Write what may add packages to those of a scope; nothing is written where they are too many.

        Raises:
            CodeStorageExceededException: In the words that people report of AWS.
        """

        def checked(tx: Transaction) -> T:
            result = work(tx)
            if tx.execute(_USAGE, _scoped(scope)).fetchone()["bytes"] > self._most_bytes:
                raise CodeStorageExceededException("Code storage limit exceeded.")
            return result

        return await self._tables.change(checked)

    def usage(self, scope: Scope) -> tuple[int, int]:
        """Return (bytes of packages, number of functions) of a scope."""
        code = self._tables.database.one(_USAGE, _scoped(scope))
        assert code is not None
        return code["bytes"], code["functions"]

    def needed(self) -> set[str]:
        """Return the SHA-256 (hexadecimal) of every package that a version or a layer of anybody needs."""
        rows = self._tables.database.all(
            "SELECT code_sha FROM lambda_versions UNION SELECT code_sha FROM lambda_layer_versions"
        )
        return {row["code_sha"] for row in rows}


def _scoped(scope: Scope) -> dict[str, str]:
    return {"account": scope.account_id, "region": scope.region}
