"""Access keys of users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.last_used import LastUsed
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import LimitExceeded, NoSuchEntity
from sagehen.store.database import Row, Transaction

# Recorded: GetAccountSummary, AccessKeysPerUserQuota. Inactive keys count.
_MAX_KEYS = 2


def _on_owner_of_key(owner: AccessKeys, context: RequestContext, request: Request) -> Iterator[Access]:
    """GetAccessKeyLastUsed names a key; the resource is its user. Unknown keys are denied (recorded)."""
    key_id = request["AccessKeyId"]
    row = owner.key_row(key_id)
    user = owner.records.by_id(row["user_id"]) if row else None
    if user is None or user.account_id != context.scope.account_id:
        raise AccessDenied(
            f"User: {context.principal.arn} is not authorized to perform iam:{context.operation}"
            f" on resource: access key {key_id}"
        )
    yield Access(f"iam:{context.operation}", user.arn)


class AccessKeys:
    """The operations on access keys; without a user name they are about the caller."""

    def __init__(self, records: Records, clock: Clock, ids: Ids, last_used: LastUsed) -> None:
        self.records = records
        self._clock = clock
        self._ids = ids
        self._last_used = last_used

    def key_row(self, access_key_id: str) -> Row | None:
        """Return the row of an access key of any account, inactive ones included."""
        return self.records.database.one(
            "SELECT * FROM iam_access_keys WHERE access_key_id = ?", (access_key_id,)
        )

    @operation("CreateAccessKey", access=on_entity(Kind.USER))
    async def create_access_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = named_or_calling_user(self.records, context, request)
        key_id, secret = self._ids.unique_id("AKIA"), self._ids.secret_access_key()
        now = self._clock.now()

        def change(tx: Transaction) -> None:
            sql = "SELECT count(*) FROM iam_access_keys WHERE user_id = ?"
            if tx.execute(sql, (user.unique_id,)).fetchone()[0] >= _MAX_KEYS:
                raise LimitExceeded(f"Cannot exceed quota for AccessKeysPerUser: {_MAX_KEYS}")
            self.records.update(tx, user.unique_id)  # the user must still be there
            tx.execute(
                "INSERT INTO iam_access_keys (access_key_id, user_id, secret, active, created_at)"
                " VALUES (?, ?, ?, 1, ?)",
                (key_id, user.unique_id, secret, now.timestamp()),
            )

        await self.records.write(change)
        return {
            "AccessKey": {
                "UserName": user.name,
                "AccessKeyId": key_id,
                "Status": "Active",
                "SecretAccessKey": secret,
                "CreateDate": now,
            }
        }

    @operation("ListAccessKeys", access=on_entity(Kind.USER))
    async def list_access_keys(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = named_or_calling_user(self.records, context, request)
        rows = self.records.database.all("SELECT * FROM iam_access_keys WHERE user_id = ?", (user.unique_id,))
        page = cut(rows, request, lambda row: [row["created_at"], row["access_key_id"]], "access keys")
        keys = [
            {
                "UserName": user.name,
                "AccessKeyId": row["access_key_id"],
                "Status": "Active" if row["active"] else "Inactive",
                "CreateDate": when(row["created_at"]),
            }
            for row in page.items
        ]
        return answer(page, AccessKeyMetadata=keys)

    @operation("UpdateAccessKey", access=on_entity(Kind.USER))
    async def update_access_key(self, context: RequestContext, request: Request) -> None:
        active = request["Status"] == "Active"
        await self._change_key(
            context,
            request,
            "UPDATE iam_access_keys SET active = :active WHERE access_key_id = :key AND user_id = :user",
            active=active,
        )

    @operation("DeleteAccessKey", access=on_entity(Kind.USER))
    async def delete_access_key(self, context: RequestContext, request: Request) -> None:
        await self._change_key(
            context, request, "DELETE FROM iam_access_keys WHERE access_key_id = :key AND user_id = :user"
        )

    @operation("GetAccessKeyLastUsed", access=_on_owner_of_key)
    async def get_access_key_last_used(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key_id = request["AccessKeyId"]
        row = self.key_row(key_id)
        user = self.records.by_id(row["user_id"]) if row else None
        if row is None or user is None or user.account_id != context.scope.account_id:
            raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")
        use = self._last_used.keys.get(key_id)
        last: dict[str, Any] = {"ServiceName": "N/A", "Region": "N/A"}
        if use is not None:
            last = {"LastUsedDate": use.at, "ServiceName": use.service, "Region": use.region}
        elif row["last_used_at"] is not None:
            last = {
                "LastUsedDate": when(row["last_used_at"]),
                "ServiceName": row["last_used_service"],
                "Region": row["last_used_region"],
            }
        return {"UserName": user.name, "AccessKeyLastUsed": last}

    async def _change_key(self, context: RequestContext, request: Request, sql: str, **values: Any) -> None:
        user, key_id = named_or_calling_user(self.records, context, request), request["AccessKeyId"]

        def change(tx: Transaction) -> None:
            if tx.execute(sql, {"key": key_id, "user": user.unique_id, **values}).rowcount == 0:
                raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")

        await self.records.write(change)
