"""GetKeyPolicy, PutKeyPolicy, ListKeyPolicies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.kms.errors import NotFoundException, UnsupportedOperationException
from sagehen.services.kms.keys.access import Owner, on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_alive
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.policies.guard import KeyPolicies, lockout_bypass, stored_policy

# AWS knows one name for them.
_NAME = "default"


def _on_put(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    for access in on_key()(owner, context, request):
        conditions = {
            **access.conditions,
            "kms:BypassPolicyLockoutSafetyCheck": lockout_bypass(request),
        }
        yield Access(access.action, access.resource, conditions)


class PolicyOperations:
    """The operations on key policies."""

    def __init__(
        self, records: KeyRecords, finder: KeyFinder, documents: ResourceDocuments, policies: KeyPolicies
    ) -> None:
        self.records = records
        self.finder = finder
        self._documents = documents
        self._policies = policies

    @operation("GetKeyPolicy", access=on_key())
    async def get_key_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        _check_name(request)
        key = self.finder.find(context.scope, request["KeyId"])
        return {"Policy": self._documents.shown(key.policy), "PolicyName": _NAME}

    @operation("PutKeyPolicy", access=_on_put)
    async def put_key_policy(self, context: RequestContext, request: Request) -> None:
        """Replace a key's policy.

        Raises:
            MalformedPolicyDocumentException, NotFoundException, KMSInvalidStateException.
        """
        _check_name(request)
        key = self.finder.find(context.scope, request["KeyId"])
        require_alive(key)
        if key.manager == "AWS":
            raise UnsupportedOperationException(f"{key.arn} is managed by AWS: its policy cannot be changed.")
        policy = stored_policy(self._documents, request["Policy"])
        self._policies.require_way_back(context, request, key.with_(policy=policy))
        await self.records.change(key, lambda found: found.with_(policy=policy))

    @operation("ListKeyPolicies", access=on_key())
    async def list_key_policies(self, context: RequestContext, request: Request) -> dict[str, Any]:
        self.finder.find(context.scope, request["KeyId"])
        return {"PolicyNames": [_NAME], "Truncated": False}


def _check_name(request: Request) -> None:
    if request.get("PolicyName", _NAME) != _NAME:
        raise NotFoundException("No such policy exists")
