"""Rows of policies: inline documents, attachments, and the versions of managed policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED
from sagehen.store.database import Transaction


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a managed policy."""

    number: int
    document: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourcedPolicy:
    """A document in force, with where it comes from: `kind` in the simulator's words."""

    source_id: str
    kind: str
    document: str
    arn: str | None = None


class PolicyRecords:
    """Reads and writes what hangs on entities."""

    def __init__(self, records: Records) -> None:
        self._database = records.database
        self._records = records

    def inline(self, owner_id: str) -> dict[str, str]:
        """Return an entity's inline policies, name -> document."""
        rows = self._database.all(
            "SELECT name, document FROM iam_inline_policies WHERE owner_id = ? ORDER BY name", (owner_id,)
        )
        return {row["name"]: row["document"] for row in rows}

    def inline_one(self, owner_id: str, name: str) -> tuple[str, str] | None:
        """Return (name as stored, document)."""
        row = self._database.one(
            "SELECT name, document FROM iam_inline_policies WHERE owner_id = ? AND name = ?",
            (owner_id, name),
        )
        return (row["name"], row["document"]) if row else None

    def attached(self, owner_id: str) -> list[str]:
        """Return the ARNs of an entity's managed policies."""
        rows = self._database.all(
            "SELECT policy_arn FROM iam_attachments WHERE owner_id = ? ORDER BY policy_arn", (owner_id,)
        )
        return [row["policy_arn"] for row in rows]

    def attached_to(self, account_id: str, policy_arn: str) -> list[Entity]:
        """Return whom a policy is attached to."""
        rows = self._database.all("SELECT owner_id FROM iam_attachments WHERE policy_arn = ?", (policy_arn,))
        found = (self._records.by_id(row["owner_id"]) for row in rows)
        owners = [entity for entity in found if entity is not None and entity.account_id == account_id]
        return sorted(owners, key=lambda entity: (entity.kind.value, entity.name))

    def attachment_count(self, account_id: str, policy_arn: str) -> int:
        """Return to how many users, groups and roles of one account a policy is attached."""
        row = self._database.one(
            "SELECT count(*) FROM iam_attachments a JOIN iam_entities e ON e.unique_id = a.owner_id"
            " WHERE a.policy_arn = ? AND e.account_id = ?",
            (policy_arn, account_id),
        )
        return row[0] if row else 0

    def versions(self, policy_id: str) -> list[PolicyVersion]:
        """Return the versions of a customer's policy, the newest first."""
        rows = self._database.all(
            "SELECT version, document, created_at FROM iam_policy_versions"
            " WHERE policy_id = ? ORDER BY version DESC",
            (policy_id,),
        )
        return [
            PolicyVersion(row["version"], row["document"], datetime.fromtimestamp(row["created_at"], UTC))
            for row in rows
        ]

    def managed_document(self, policy_arn: str) -> str | None:
        """Return the document in force of a managed policy, AWS's or the customer's."""
        if policy_arn in AWS_MANAGED:
            return AWS_MANAGED[policy_arn].document
        entity = self._records.by_arn(policy_arn)
        if entity is None or entity.kind is not Kind.POLICY:
            return None
        row = self._database.one(
            "SELECT document FROM iam_policy_versions WHERE policy_id = ? AND version = ?",
            (entity.unique_id, entity.default_version),
        )
        return row["document"] if row else None

    def identity_policies(self, entity: Entity) -> list[SourcedPolicy]:
        """Return everything that grants to a user (its groups included), a group or a role."""
        found = []
        for owner in (entity, *(self._records.containers(entity) if entity.kind is Kind.USER else ())):
            for name, document in self.inline(owner.unique_id).items():
                source = f"{owner.kind.value}_{owner.name}_{name}"
                found.append(SourcedPolicy(source, owner.kind.value, document))
            for arn in self.attached(owner.unique_id):
                managed = self.managed_document(arn)
                if managed is not None:
                    kind = "aws-managed" if arn in AWS_MANAGED else "user-managed"
                    found.append(SourcedPolicy(arn.rpartition("/")[2], kind, managed, arn))
        return found

    # --- writing, inside a transaction -----------------------------------------------------

    @staticmethod
    def put_inline(tx: Transaction, owner_id: str, name: str, document: str) -> None:
        """Put an inline policy; its name, compared without case, stays as first spelled."""
        tx.execute(
            "INSERT INTO iam_inline_policies VALUES (?, ?, ?)"
            " ON CONFLICT (owner_id, name) DO UPDATE SET document = excluded.document",
            (owner_id, name, document),
        )

    @staticmethod
    def delete_inline(tx: Transaction, owner_id: str, name: str) -> bool:
        """Delete an inline policy; False where there is none."""
        sql = "DELETE FROM iam_inline_policies WHERE owner_id = ? AND name = ?"
        return tx.execute(sql, (owner_id, name)).rowcount > 0

    @staticmethod
    def attach(tx: Transaction, owner_id: str, policy_arn: str) -> None:
        """Attach a policy; what is attached already stays so, as on AWS (from memory)."""
        tx.execute("INSERT OR IGNORE INTO iam_attachments VALUES (?, ?)", (owner_id, policy_arn))

    @staticmethod
    def detach(tx: Transaction, owner_id: str, policy_arn: str) -> bool:
        """Detach a policy; False where it is not attached."""
        sql = "DELETE FROM iam_attachments WHERE owner_id = ? AND policy_arn = ?"
        return tx.execute(sql, (owner_id, policy_arn)).rowcount > 0

    @staticmethod
    def add_version(
        tx: Transaction, policy_id: str, version: int, document: str, created_at: datetime
    ) -> None:
        """Store a version; whether it is the one in force is said by the policy's entity."""
        tx.execute(
            "INSERT INTO iam_policy_versions VALUES (?, ?, ?, ?)",
            (policy_id, version, document, created_at.timestamp()),
        )

    @staticmethod
    def delete_version(tx: Transaction, policy_id: str, version: int | None = None) -> None:
        """Delete one version, or with None all of them."""
        tx.execute(
            "DELETE FROM iam_policy_versions WHERE policy_id = ? AND (version = ? OR ? IS NULL)",
            (policy_id, version, version),
        )
