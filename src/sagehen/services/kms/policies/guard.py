"""Key policies: checked where they are put, and what guards a key: its policy and its grants together."""

from __future__ import annotations

import json
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.kms.errors import MalformedPolicyDocumentException
from sagehen.services.kms.grants.records import GrantRecords
from sagehen.services.kms.keys.access import key_conditions
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.records import KeyRecords

# Documented: KMS Developer Guide, Resource quotas.
MAX_POLICY_BYTES = 32 * 1024


def default_policy(scope: Scope) -> str:
    """Return the policy of a key that is made without one: the account's own policies decide."""
    # Recorded, to the last member.
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{scope.partition}:iam::{scope.account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}, indent=2)


def managed_policy(scope: Scope, service: str) -> str:
    """Return the policy of a key that AWS manages: whoever may use the service may use it through that."""
    # From memory: so the console shows those of AWS's services.
    through = {
        "Sid": f"Allow access through {service} for all principals in the account",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": scope.account_id,
                "kms:ViaService": f"{service}.{scope.region}.amazonaws.com",
            }
        },
    }
    metadata = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{scope.partition}:iam::{scope.account_id}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": [through, metadata]})


def lockout_bypass(request: Request) -> str:
    """Return the condition key kms:BypassPolicyLockoutSafetyCheck of a request."""
    return str(bool(request.get("BypassPolicyLockoutSafetyCheck"))).lower()


def stored_policy(documents: ResourceDocuments, text: str) -> str:
    """Return a key policy as it is to be stored.

    Raises:
        MalformedPolicyDocumentException.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_POLICY_BYTES:
        raise MalformedPolicyDocumentException("The policy is larger than 32 KB.")
    try:
        return documents.stored(text, PolicyKind.RESOURCE)
    except PolicyFault as fault:
        raise MalformedPolicyDocumentException(fault.message) from None
    except ServiceError as error:
        raise MalformedPolicyDocumentException(error.message) from None


# Keys whose guards are remembered; past them the memory simply starts again.
_REMEMBERED = 1024


class KeyPolicies:
    """The port ResourcePolicies of keys: a key's policy with a statement for each of its grants."""

    def __init__(self, records: KeyRecords, grants: GrantRecords, authorizer: Authorizer) -> None:
        self._records = records
        self._grants = grants
        self._authorizer = authorizer
        self._tried: Key | None = None
        self._made: dict[str, str | None] = {}
        self._state = (-1, -1)

    def require_way_back(self, context: RequestContext, request: Request, key: Key) -> None:
        """Check that the caller could still change the policy that `key` is to have.

        Raises:
            MalformedPolicyDocumentException: Unless BypassPolicyLockoutSafetyCheck is set.
        """
        if request.get("BypassPolicyLockoutSafetyCheck"):
            return
        conditions = key_conditions(self._records, key) | {"kms:CallerAccount": context.scope.account_id}
        access = Access("kms:PutKeyPolicy", key.arn, conditions)
        self._tried = key
        try:
            allowed = self._authorizer.is_allowed(context.principal, access, context.condition_keys())
        finally:
            self._tried = None
        if not allowed:
            raise MalformedPolicyDocumentException(
                "The new key policy will not allow you to update the key policy in the future."
            )

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return a key's policy with a statement for each of its grants; None where the key is not ours.

        Remembered until any key or grant changes, for `_REMEMBERED` keys at most.
        """
        if self._tried is not None and self._tried.arn == resource_arn:
            return self._tried.policy
        state = (self._records.generation, self._grants.generation)
        if state != self._state:
            self._made.clear()
            self._state = state
        if resource_arn not in self._made:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            self._made[resource_arn] = self._policy(resource_arn)
        return self._made[resource_arn]

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return None: the ARN says whose the key is."""
        return None  # the ARN says it

    def _policy(self, resource_arn: str) -> str | None:
        key_id = resource_arn.rpartition(":key/")[2]
        key = self._records.key(key_id)
        if key is None or key.arn != resource_arn:
            return None
        grants = self._grants.of_key(key.id)
        if not grants:
            return key.policy
        document: dict[str, Any] = json.loads(key.policy)
        statements = document["Statement"]
        document["Statement"] = statements if isinstance(statements, list) else [statements]
        for grant in grants:
            document["Statement"] += grant.statements
        return json.dumps(document)
