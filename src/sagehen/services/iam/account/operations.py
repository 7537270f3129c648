"""The account as a whole: alias and summary."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import EntityAlreadyExists, NoSuchEntity
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords
from sagehen.store.database import Transaction

# Default quotas, as far as they are enforced here (recorded).
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_QUOTAS = {
    "AccessKeysPerUserQuota": 2,
    "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "AttachedPoliciesPerUserQuota": 10,
    "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10,
    "PolicySizeQuota": 6144,
    "RolePolicySizeQuota": 10240,
    "UserPolicySizeQuota": 2048,
    "VersionsPerPolicyQuota": 5,
}


class Account:
    """The operations on the account."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._objects = ObjectRecords(records)

    @operation("CreateAccountAlias")
    async def create_account_alias(self, context: RequestContext, request: Request) -> None:
        alias, account_id = request["AccountAlias"], context.scope.account_id

        def change(tx: Transaction) -> None:
            row = tx.execute(
                "SELECT account_id FROM iam_account_aliases WHERE alias = ?", (alias,)
            ).fetchone()
            if row is not None:
                raise EntityAlreadyExists(f"The account alias {alias} already exists.")
            # An account has one alias: a new one takes the old one's place.
            tx.execute(
                "INSERT INTO iam_account_aliases VALUES (?, ?)"
                " ON CONFLICT (account_id) DO UPDATE SET alias = excluded.alias",
                (account_id, alias),
            )

        await self.records.write(change)

    @operation("DeleteAccountAlias")
    async def delete_account_alias(self, context: RequestContext, request: Request) -> None:
        alias, account_id = request["AccountAlias"], context.scope.account_id

        def change(tx: Transaction) -> None:
            sql = "DELETE FROM iam_account_aliases WHERE account_id = ? AND alias = ?"
            if tx.execute(sql, (account_id, alias)).rowcount == 0:
                raise NoSuchEntity(f"The account alias {alias} cannot be found.")

        await self.records.write(change)

    @operation("ListAccountAliases")
    async def list_account_aliases(self, context: RequestContext, request: Request) -> dict[str, Any]:
        alias = self.records.alias(context.scope.account_id)
        return {"AccountAliases": [alias] if alias else [], "IsTruncated": False}

    @operation("GetAccountSummary")
    async def get_account_summary(self, context: RequestContext, request: Request) -> dict[str, Any]:
        account_id = context.scope.account_id
        counts = {
            "Users": Kind.USER,
            "Groups": Kind.GROUP,
            "Roles": Kind.ROLE,
            "InstanceProfiles": Kind.INSTANCE_PROFILE,
            "Policies": Kind.POLICY,
        }
        summary = {name: self.records.count(account_id, kind) for name, kind in counts.items()}
        devices = self._objects.all(account_id, ObjectKind.MFA_DEVICE)
        providers = (ObjectKind.OIDC_PROVIDER, ObjectKind.SAML_PROVIDER)
        # Root signs with access keys and without MFA here.
        summary |= {
            "AccountAccessKeysPresent": 1,
            "AccountMFAEnabled": 0,
            "MFADevices": len(devices),
            "MFADevicesInUse": sum(bool(device.owner_id) for device in devices),
            "Providers": sum(len(self._objects.all(account_id, kind)) for kind in providers),
            **_QUOTAS,
        }
        return {"SummaryMap": summary}
