"""Versions of managed policies: at most five, one of them in force."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.iam.entities.access import on_policy
from sagehen.services.iam.entities.entity import Entity, encoded
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from sagehen.services.iam.policies.aws_managed import AWS_MANAGED
from sagehen.services.iam.policies.managed import checked_document, customer_policy
from sagehen.services.iam.policies.records import PolicyRecords, PolicyVersion
from sagehen.store.database import Transaction

# Recorded: GetAccountSummary, VersionsPerPolicyQuota.
_MAX_VERSIONS = 5


def _number(version_id: str) -> int:
    """Return 3 for `v3`; -1, which no version has, for anything else."""
    return int(version_id[1:]) if version_id[:1] == "v" and version_id[1:].isdigit() else -1


def _missing(request: Request) -> NoSuchEntity:
    return NoSuchEntity(
        f"Policy {request['PolicyArn']} version {request['VersionId']} does not exist or is not attachable."
    )


class PolicyVersions:
    """The operations on versions."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = records
        self._policies = PolicyRecords(records)
        self._clock = clock

    @operation("CreatePolicyVersion", access=on_policy)
    async def create_policy_version(self, context: RequestContext, request: Request) -> dict[str, Any]:
        policy = self._policy(context, request)
        document, now = checked_document(request["PolicyDocument"]), self._clock.now()
        default = bool(request.get("SetAsDefault"))

        def change(tx: Transaction) -> int:
            current = self.records.update(tx, policy.unique_id, updated_at=now)
            rows = tx.execute(
                "SELECT version FROM iam_policy_versions WHERE policy_id = ?", (policy.unique_id,)
            ).fetchall()
            if len(rows) >= _MAX_VERSIONS:
                raise LimitExceeded(
                    f"A managed policy can have up to {_MAX_VERSIONS} versions. Before you create a new"
                    " version, you must delete an existing version."
                )
            # Numbers are not used again while a later one exists; the newest may have been deleted.
            number: int = max(current.default_version, *(row["version"] for row in rows)) + 1
            self._policies.add_version(tx, policy.unique_id, number, document, now)
            if default:
                self.records.update(tx, policy.unique_id, default_version=number)
            return number

        number = await self.records.write(change)
        version = {"VersionId": f"v{number}", "IsDefaultVersion": default, "CreateDate": now}
        return {"PolicyVersion": version}

    @operation("GetPolicyVersion", access=on_policy)
    async def get_policy_version(self, context: RequestContext, request: Request) -> dict[str, Any]:
        try:
            versions, default = self._versions(context, request)
        except NoSuchEntity:
            raise _missing(request) from None
        for version in versions:
            if version.number == _number(request["VersionId"]):
                member = _member(version, default)
                return {"PolicyVersion": {"Document": encoded(version.document), **member}}
        raise _missing(request)

    @operation("ListPolicyVersions", access=on_policy)
    async def list_policy_versions(self, context: RequestContext, request: Request) -> dict[str, Any]:
        versions, default = self._versions(context, request)
        # The newest first, as AWS lists them.
        page = cut(versions, request, lambda version: -version.number, "policy versions")
        return answer(page, Versions=[_member(version, default) for version in page.items])

    @operation("SetDefaultPolicyVersion", access=on_policy)
    async def set_default_policy_version(self, context: RequestContext, request: Request) -> None:
        policy, now = self._versioned(context, request), self._clock.now()
        number = _number(request["VersionId"])

        def change(tx: Transaction) -> None:
            self._require(tx, policy, number, request)
            self.records.update(tx, policy.unique_id, default_version=number, updated_at=now)

        await self.records.write(change)

    @operation("DeletePolicyVersion", access=on_policy)
    async def delete_policy_version(self, context: RequestContext, request: Request) -> None:
        policy, number = self._versioned(context, request), _number(request["VersionId"])

        def change(tx: Transaction) -> None:
            self._require(tx, policy, number, request)
            if self.records.update(tx, policy.unique_id).default_version == number:
                raise DeleteConflict("Cannot delete the default version of a policy.")
            self._policies.delete_version(tx, policy.unique_id, number)

        await self.records.write(change)

    def _policy(self, context: RequestContext, request: Request) -> Entity:
        return customer_policy(self.records, context.scope.account_id, request["PolicyArn"])

    def _versioned(self, context: RequestContext, request: Request) -> Entity:
        """Return the policy whose version is meant; without one, AWS misses the version (recorded)."""
        try:
            return self._policy(context, request)
        except NoSuchEntity:
            raise _missing(request) from None

    def _versions(self, context: RequestContext, request: Request) -> tuple[list[PolicyVersion], int]:
        """Return the versions of AWS's or the customer's policy, and the number in force."""
        if managed := AWS_MANAGED.get(request["PolicyArn"]):
            return [PolicyVersion(1, managed.document, managed.created_at)], 1
        policy = self._policy(context, request)
        return self._policies.versions(policy.unique_id), policy.default_version

    @staticmethod
    def _require(tx: Transaction, policy: Entity, number: int, request: Request) -> None:
        sql = "SELECT 1 FROM iam_policy_versions WHERE policy_id = ? AND version = ?"
        if tx.execute(sql, (policy.unique_id, number)).fetchone() is None:
            raise _missing(request)


def _member(version: PolicyVersion, default: int) -> dict[str, Any]:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == default,
        "CreateDate": version.created_at,
    }
