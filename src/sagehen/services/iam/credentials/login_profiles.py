"""Login profiles: a user's password. There is no console, so that it opens nothing but ChangePassword."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import PrincipalKind
from sagehen.services.iam.credentials.password_policy import PasswordPolicies, check_password
from sagehen.services.iam.entities.access import on_entity
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import (
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.store.database import Transaction

# scrypt with 16 MiB and some 50 ms: in a thread.
_COST = {"n": 2**14, "r": 8, "p": 1}


def _hash(password: str, salt: bytes | None = None) -> str:
    salt = salt or os.urandom(16)
    return f"{salt.hex()}:{hashlib.scrypt(password.encode(), salt=salt, **_COST).hex()}"


def _matches(password: str, kept: str) -> bool:
    return hmac.compare_digest(_hash(password, bytes.fromhex(kept.partition(":")[0])), kept)


class LoginProfiles:
    """Create, get, update and delete them; ChangePassword."""

    def __init__(self, records: Records, clock: Clock, policies: PasswordPolicies) -> None:
        self.records = records
        self._objects = ObjectRecords(records)
        self._clock = clock
        self._policies = policies

    @operation("CreateLoginProfile", access=on_entity(Kind.USER))
    async def create(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = named_or_calling_user(self.records, context, request)
        if request.get("Password") is None:
            raise ValidationError(
                "1 validation error detected: Value at 'password' failed to satisfy constraint:"
                " Member must not be null"
            )
        stored = Stored(
            user.account_id,
            ObjectKind.LOGIN_PROFILE,
            user.unique_id,
            user.unique_id,
            {
                "created_at": self._clock.now().timestamp(),
                "reset_required": bool(request.get("PasswordResetRequired")),
                **await self._password(user, request["Password"], ()),
            },
        )

        def change(tx: Transaction) -> None:
            self.records.update(tx, user.unique_id)  # the user must still be there
            if self._objects.read(tx, stored) is not None:
                raise EntityAlreadyExists(f"Login Profile for user {user.name} already exists.")
            self._objects.put(tx, stored)

        await self.records.write(change)
        return {"LoginProfile": _member(stored, user)}

    @operation("GetLoginProfile", access=on_entity(Kind.USER))
    async def get(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = named_or_calling_user(self.records, context, request)
        return {"LoginProfile": _member(self._find(user), user)}

    @operation("UpdateLoginProfile", access=on_entity(Kind.USER))
    async def update(self, context: RequestContext, request: Request) -> None:
        user = named_or_calling_user(self.records, context, request)
        stored, changes = self._find(user), dict[str, Any]()
        if request.get("PasswordResetRequired") is not None:
            changes["reset_required"] = request["PasswordResetRequired"]
        if request.get("Password") is not None:
            changes |= await self._password(user, request["Password"], stored.body["hashes"])
        await self._change(user, stored, changes)

    @operation("DeleteLoginProfile", access=on_entity(Kind.USER))
    async def delete(self, context: RequestContext, request: Request) -> None:
        user = named_or_calling_user(self.records, context, request)
        stored = self._find(user)
        await self.records.write(lambda tx: self._objects.delete(tx, stored))

    @operation("ChangePassword", access=on_entity(Kind.USER))
    async def change_password(self, context: RequestContext, request: Request) -> None:
        """Change the caller's own password.

        Raises:
            InvalidUserType: The caller is no user.
            AccessDenied: The old password is another.
            NoSuchEntity, PasswordPolicyViolation
        """
        if context.principal.kind is not PrincipalKind.USER:
            raise InvalidUserType("Only IAM Users can change their own password")
        user = named_or_calling_user(self.records, context, {})
        stored = self._find(user)
        if not await asyncio.to_thread(_matches, request["OldPassword"], stored.body["hashes"][0]):
            raise AccessDenied("The old password was incorrect.")
        changes = await self._password(user, request["NewPassword"], stored.body["hashes"])
        changes["reset_required"] = False
        await self._change(user, stored, changes)

    async def _password(self, user: Entity, password: str, before: Any) -> dict[str, Any]:
        """Return the members that keep a password, if the account's policy takes it."""
        policy = self._policies.of(user.account_id)
        check_password(policy, password)
        remembered = list(before)[: (policy or {}).get("PasswordReusePrevention", 0)]
        for kept in remembered:
            if await asyncio.to_thread(_matches, password, kept):
                raise PasswordPolicyViolation("Password is among those used before.")
        # With this 24, the most that PasswordReusePrevention may ask for (the model).
        return {"hashes": [await asyncio.to_thread(_hash, password), *list(before)[:23]]}

    async def _change(self, user: Entity, stored: Stored, changes: dict[str, Any]) -> None:
        def changed(current: Stored) -> Stored:
            # The old password was compared, and the new one, with those of before.
            if "hashes" in changes and current.body["hashes"] != stored.body["hashes"]:
                raise EntityTemporarilyUnmodifiable(f"Login Profile for User {user.name} is being changed.")
            return current.with_body(**changes)

        await self._objects.change(stored, changed, _missing(user))

    def _find(self, user: Entity) -> Stored:
        stored = self._objects.find(user.account_id, ObjectKind.LOGIN_PROFILE, user.unique_id)
        if stored is None:
            raise _missing(user)
        return stored


def _missing(user: Entity) -> NoSuchEntity:
    return NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")


def _member(stored: Stored, user: Entity) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "CreateDate": when(stored.body["created_at"]),
        "PasswordResetRequired": stored.body["reset_required"],
    }
