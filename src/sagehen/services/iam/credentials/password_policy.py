"""The account's password policy, and whether a password satisfies it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.iam.entities.entity import Entity
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import NoSuchEntity, PasswordPolicyViolation
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.store.database import Transaction

# What UpdateAccountPasswordPolicy leaves unsaid is not kept from before: it falls back to these.
_DEFAULTS: Mapping[str, Any] = {
    "MinimumPasswordLength": 6,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
    "AllowUsersToChangePassword": False,
}
# AWS's rules where an account has set none: eight characters, three of the four sorts.
_WITHOUT_POLICY_LENGTH = 8
_WITHOUT_POLICY_SORTS = 3
# Documented: IAM API Reference, UpdateAccountPasswordPolicy, RequireSymbols.
_SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")
_SORTS = (
    ("RequireUppercaseCharacters", str.isupper, "at least one uppercase character (A-Z)"),
    ("RequireLowercaseCharacters", str.islower, "at least one lowercase character (a-z)"),
    ("RequireNumbers", str.isdigit, "at least one number (0-9)"),
    ("RequireSymbols", _SYMBOLS.__contains__, "at least one symbol"),
)


def check_password(policy: Mapping[str, Any] | None, password: str) -> None:
    """Check a password against the account's policy, or AWS's default where there is none.

    Raises:
        PasswordPolicyViolation
    """
    found = {member for member, belongs, _ in _SORTS if any(map(belongs, password))}
    if policy is None:
        if len(password) < _WITHOUT_POLICY_LENGTH or len(found) < _WITHOUT_POLICY_SORTS:
            raise PasswordPolicyViolation("Password does not conform to the account password policy.")
        return
    if len(password) < policy["MinimumPasswordLength"]:
        raise PasswordPolicyViolation(
            f"Password should have a minimum length of {policy['MinimumPasswordLength']}"
        )
    for member, _, what in _SORTS:
        if policy[member] and member not in found:
            raise PasswordPolicyViolation(f"Password should have {what}")


def account_grant(records: Records, user: Entity) -> str | None:
    """Return the policy that each user has by AllowUsersToChangePassword, as if it were attached, or None.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html
    """
    stored = ObjectRecords(records).find(user.account_id, ObjectKind.PASSWORD_POLICY, "")
    if stored is None or not stored.body["AllowUsersToChangePassword"]:
        return None
    own = {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": user.arn}
    rules = {"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [own, rules]})


class PasswordPolicies:
    """Update, get and delete the account's policy.

    When passwords expire (MaxPasswordAge, HardExpiry) only a console would ask: both are shown again.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self._objects = ObjectRecords(records)

    def of(self, account_id: str) -> Mapping[str, Any] | None:
        """Return the members of the account's policy, or None."""
        stored = self._objects.find(account_id, ObjectKind.PASSWORD_POLICY, "")
        return None if stored is None else stored.body

    @operation("UpdateAccountPasswordPolicy")
    async def update(self, context: RequestContext, request: Request) -> None:
        members = (*_DEFAULTS, "MaxPasswordAge", "PasswordReusePrevention", "HardExpiry")
        given = {name: request[name] for name in members if request.get(name) is not None}
        stored = Stored(context.scope.account_id, ObjectKind.PASSWORD_POLICY, "", "", {**_DEFAULTS, **given})
        await self.records.write(lambda tx: self._objects.put(tx, stored))

    @operation("GetAccountPasswordPolicy")
    async def get(self, context: RequestContext, request: Request) -> dict[str, Any]:
        account_id = context.scope.account_id
        policy = self.of(account_id)
        if policy is None:
            raise NoSuchEntity(f"The Password Policy with domain name {account_id} cannot be found.")
        return {"PasswordPolicy": {**policy, "ExpirePasswords": bool(policy.get("MaxPasswordAge"))}}

    @operation("DeleteAccountPasswordPolicy")
    async def delete(self, context: RequestContext, request: Request) -> None:
        stored = Stored(context.scope.account_id, ObjectKind.PASSWORD_POLICY, "", "", {})

        def change(tx: Transaction) -> None:
            if self._objects.read(tx, stored) is None:
                raise NoSuchEntity("The account policy with name PasswordPolicy cannot be found.")
            self._objects.delete(tx, stored)

        await self.records.write(change)
