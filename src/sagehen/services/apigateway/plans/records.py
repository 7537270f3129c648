"""API keys, usage plans and what links them, as SQLite holds them."""

from __future__ import annotations

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.items import load, put_item, read_item
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import no_such_usage_plan
from sagehen.store.database import Transaction

API_KEY = "api-key"
USAGE_PLAN = "usage-plan"


class PlanRecords:
    """Which key has which value, and which plan holds which keys."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._database = records.database

    def key_of_value(self, scope: Scope, value: str) -> str | None:
        """Return the id of the key with this value."""
        row = self._database.one(
            "SELECT key_id FROM apigateway_key_values WHERE account_id = ? AND region = ? AND value = ?",
            (scope.account_id, scope.region, value),
        )
        return row["key_id"] if row else None

    def plan(self, scope: Scope, plan_id: str) -> Document:
        """Return a usage plan.

        Raises:
            NotFoundException
        """
        return _found(self.records.item(scope, USAGE_PLAN, plan_id))

    def plans_of_key(self, scope: Scope, key_id: str) -> list[str]:
        """Return the ids of the plans that hold a key, in the order in which it was added to them."""
        rows = self._database.all(
            "SELECT plan_id FROM apigateway_plan_keys WHERE account_id = ? AND region = ? AND key_id = ?"
            " ORDER BY added_at",
            (scope.account_id, scope.region, key_id),
        )
        return [row["plan_id"] for row in rows]

    def keys_of_plan(self, scope: Scope, plan_id: str) -> list[str]:
        """Return the ids of the keys of a plan, in the order in which they were added."""
        rows = self._database.all(
            "SELECT key_id FROM apigateway_plan_keys WHERE account_id = ? AND region = ? AND plan_id = ?"
            " ORDER BY added_at, key_id",
            (scope.account_id, scope.region, plan_id),
        )
        return [row["key_id"] for row in rows]


def read_plan(tx: Transaction, scope: Scope, plan_id: str) -> Document:
    """Return a usage plan inside a transaction, or raise NotFoundException."""
    return _found(read_item(tx, scope, USAGE_PLAN, plan_id))


def _found(plan: Document | None) -> Document:
    if plan is None:
        raise no_such_usage_plan()
    return plan


def claim_value(tx: Transaction, scope: Scope, value: str, key_id: str) -> bool:
    """Give a value to a key; False where another key has it."""
    cursor = tx.execute(
        "INSERT INTO apigateway_key_values VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (scope.account_id, scope.region, value, key_id),
    )
    return cursor.rowcount > 0


def delete_key_links(tx: Transaction, scope: Scope, key_id: str) -> None:
    """Take a key's value back and take it out of every plan."""
    for table in ("apigateway_key_values", "apigateway_plan_keys"):
        tx.execute(
            f"DELETE FROM {table} WHERE account_id = ? AND region = ? AND key_id = ?",
            (scope.account_id, scope.region, key_id),
        )


def plans_with_key(tx: Transaction, scope: Scope, key_id: str) -> list[str]:
    """Return the ids of the plans that hold a key, inside a transaction, in no order."""
    rows = tx.execute(
        "SELECT plan_id FROM apigateway_plan_keys WHERE account_id = ? AND region = ? AND key_id = ?",
        (scope.account_id, scope.region, key_id),
    ).fetchall()
    return [row["plan_id"] for row in rows]


def add_to_plan(tx: Transaction, scope: Scope, plan_id: str, key_id: str, at: float) -> bool:
    """Put a key into a plan; False where it is in it already."""
    cursor = tx.execute(
        "INSERT INTO apigateway_plan_keys VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (scope.account_id, scope.region, plan_id, key_id, at),
    )
    return cursor.rowcount > 0


def remove_from_plan(tx: Transaction, scope: Scope, plan_id: str, key_id: str) -> bool:
    """Take a key out of a plan; False where it was not in it."""
    cursor = tx.execute(
        "DELETE FROM apigateway_plan_keys WHERE account_id = ? AND region = ? AND plan_id = ? AND key_id = ?",
        (scope.account_id, scope.region, plan_id, key_id),
    )
    return cursor.rowcount > 0


def empty_plan(tx: Transaction, scope: Scope, plan_id: str) -> None:
    """Take every key out of a plan, and forget what they used."""
    tx.execute(
        "DELETE FROM apigateway_plan_keys WHERE account_id = ? AND region = ? AND plan_id = ?",
        (scope.account_id, scope.region, plan_id),
    )
    tx.execute("DELETE FROM apigateway_usage WHERE plan_id = ?", (plan_id,))


def forget_stage(tx: Transaction, scope: Scope, api_id: str, stage: str | None = None) -> None:
    """Take a deleted stage, or every stage of a deleted API, out of the usage plans."""
    rows = tx.execute(
        "SELECT document, created_at FROM apigateway_items WHERE account_id = ? AND region = ? AND kind = ?",
        (scope.account_id, scope.region, USAGE_PLAN),
    ).fetchall()
    for row in rows:
        plan = load(row["document"])
        # One query for all plans of the scope: there are 300 at the most on AWS (documented quota).
        kept = [
            one for one in plan["apiStages"] if one["apiId"] != api_id or stage not in (None, one["stage"])
        ]
        if len(kept) != len(plan["apiStages"]):
            plan["apiStages"] = kept
            put_item(tx, scope, USAGE_PLAN, plan["id"], plan, row["created_at"])
