"""What a request on a key needs to be allowed, with KMS's own condition keys.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.services.kms.errors import InvalidGrantTokenException, NotFoundException
from sagehen.services.kms.keys.finding import KeyFinder
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.records import KeyRecords

# Members of requests that are condition keys by the same name.
_MEMBERS = (
    "EncryptionAlgorithm", "ExpirationModel", "KeyAgreementAlgorithm", "MacAlgorithm", "MessageType",
    "RotationPeriodInDays", "SigningAlgorithm", "WrappingAlgorithm", "WrappingKeySpec",
)  # fmt: skip


class Owner(Protocol):
    """Who declares operations on keys."""

    records: KeyRecords
    finder: KeyFinder


def on_key(
    *, member: str = "KeyId", action: str | None = None, default: Mapping[str, Any] | None = None
) -> AccessRule:
    """Make the access rule of an operation on one key.

    Args:
        member: Of the input, naming the key.
        action: IAM's name of the action where it is not the operation's own.
        default: What the request means where it does not say it.
    """

    def rule(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
        check_grant_tokens(owner, request)
        request = {**(default or {}), **request}
        name = f"kms:{action or context.operation}"
        identifier = request.get(member) or ""
        try:
            key = owner.finder.find(context.scope, identifier)
        except NotFoundException:
            arn = owner.finder.arn(context.scope, identifier)
            yield Access(name, arn, request_conditions(context.principal.account_id, request))
            return
        yield on_found_key(owner, context, request, key, name, identifier)

    return rule


def check_grant_tokens(owner: Owner, request: Mapping[str, Any]) -> None:
    """Refuse tokens of no grant. Those of grants change nothing: here a grant holds as soon as it is made.

    Raises:
        InvalidGrantTokenException.
    """
    for token in request.get("GrantTokens") or ():
        if not owner.records.has_grant(token):
            raise InvalidGrantTokenException("Grant token is invalid.")


def on_found_key(
    owner: Owner,
    context: RequestContext,
    request: Mapping[str, Any],
    key: Key,
    action: str,
    identifier: str = "",
) -> Access:
    """Return the access to a key that is there."""
    conditions = request_conditions(context.principal.account_id, request) | key_conditions(
        owner.records, key
    )
    if identifier.startswith("alias/") or ":alias/" in identifier:
        conditions["kms:RequestAlias"] = identifier[identifier.index("alias/") :]
    return Access(action, key.arn, conditions)


def request_conditions(account_id: str, request: Mapping[str, Any]) -> dict[str, ConditionValue]:
    """Return the condition keys that a request itself determines."""
    conditions: dict[str, ConditionValue] = {"kms:CallerAccount": account_id}
    conditions |= context_conditions(request.get("EncryptionContext") or {})
    for member in _MEMBERS:
        if request.get(member):
            conditions[f"kms:{member}"] = str(request[member])
    if valid_to := request.get("ValidTo"):
        conditions["kms:ValidTo"] = valid_to.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # These two have names of their own.
    if pair := request.get("KeyPairSpec"):
        conditions["kms:DataKeyPairSpec"] = pair
    if days := request.get("PendingWindowInDays"):
        conditions["kms:ScheduleKeyDeletionPendingWindowInDays"] = str(days)
    if tags := request.get("Tags"):
        conditions |= {f"aws:RequestTag/{tag['TagKey']}": tag["TagValue"] for tag in tags}
        conditions["aws:TagKeys"] = tuple(tag["TagKey"] for tag in tags)
    if request.get("TagKeys"):
        conditions["aws:TagKeys"] = tuple(request["TagKeys"])
    return conditions


def context_conditions(context: Mapping[str, str]) -> dict[str, ConditionValue]:
    """Return the condition keys of an encryption context."""
    if not context:
        return {}
    return {
        "kms:EncryptionContextKeys": tuple(context),
        **{f"kms:EncryptionContext:{name}": value for name, value in context.items()},
    }


def key_conditions(records: KeyRecords, key: Key) -> dict[str, ConditionValue]:
    """Return the condition keys that the key determines."""
    conditions: dict[str, ConditionValue] = {
        "kms:KeySpec": key.spec,
        "kms:KeyUsage": key.usage,
        "kms:KeyOrigin": key.origin,
        "kms:MultiRegion": "false",
        "kms:MultiRegionKeyType": "NONE",
    }
    if aliases := records.alias_names(key):
        conditions["kms:ResourceAliases"] = tuple(aliases)
    return conditions | {f"aws:ResourceTag/{name}": value for name, value in key.tags.items()}
