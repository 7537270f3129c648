"""The SQL of tags. Rows go with the resource that bears them, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sagehen.store.database import Database, Transaction


class TagRecords:
    """Reads and writes of tags by ARN, in the form in which `resources.arns` makes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, arn: str) -> dict[str, str]:
        """Return a resource's tags, by key, in order of the keys; none where there is no such resource."""
        rows = self._database.all("SELECT key, value FROM sagemaker_tags WHERE arn = ? ORDER BY key", (arn,))
        return {row["key"]: row["value"] for row in rows}

    async def put(self, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
        """Set tags; those of the same keys are replaced."""
        await self._database.write(lambda tx: insert_tags(tx, arn, tags))

    async def delete(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; keys that are not set are no fault."""
        pairs = [(arn, key) for key in keys]
        await self._database.write(
            lambda tx: tx.executemany("DELETE FROM sagemaker_tags WHERE arn = ? AND key = ?", pairs)
        )


def insert_tags(tx: Transaction, arn: str, tags: Sequence[Mapping[str, str]]) -> None:
    """Set tags within a transaction that makes their resource."""
    tx.executemany(
        "INSERT INTO sagemaker_tags VALUES (?, ?, ?)"
        " ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
        [(arn, tag["Key"], tag["Value"]) for tag in tags],
    )


def delete_all_tags(tx: Transaction, arn: str) -> None:
    """Remove a resource's tags within the transaction that removes it."""
    tx.execute("DELETE FROM sagemaker_tags WHERE arn = ?", (arn,))
