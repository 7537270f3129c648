"""Grant: what it says, and the policy statements that it amounts to. Pure.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Operations that an encryption context goes with; a grant's constraints bind these alone.
_WITH_CONTEXT = frozenset(
    (
        "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant.

    Args:
        id, token: 64 hexadecimal digits; what the maker of it gets as GrantToken.
        key_id: Whose it is.
        created_at: Seconds since the epoch.
        grantee, retiring: ARNs, as the maker wrote them; `retiring` may be ''.
        account_id: Who made it.
        operations: `Encrypt`, `Decrypt`, …
        constraints: `EncryptionContextEquals` or `EncryptionContextSubset`, or nothing.
        name: '' for none.
        statements: What the evaluator reads, principals bound to unique ids.
        retirers: Who may retire this grant and no other: unique ids, or ARNs of what has none.
    """

    id: str
    token: str
    key_id: str
    created_at: float
    grantee: str
    retiring: str
    account_id: str
    operations: tuple[str, ...]
    constraints: Mapping[str, Mapping[str, str]]
    name: str
    statements: list[dict[str, Any]]
    retirers: tuple[str, ...] = ()


def statements(
    grantee: str, operations: Sequence[str], constraints: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Return the policy statements that a grant amounts to.

    RetireGrant is none of them: it is a right on the grant, where a statement would give it on the key.
    """
    operations = [name for name in operations if name != "RetireGrant"]
    bound = [name for name in operations if name in _WITH_CONTEXT]
    free = [name for name in operations if name not in _WITH_CONTEXT]
    condition = _condition(constraints)
    if condition is None:
        bound, free = [], list(operations)
    made = []
    for names, extra in ((bound, {"Condition": condition}), (free, {})):
        if names:
            principal = {"AWS": grantee}
            made.append(
                {
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": [f"kms:{name}" for name in names],
                    "Resource": "*",
                    **extra,
                }
            )
    return made


def _condition(constraints: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
    condition: dict[str, Any] = {}
    if part := constraints.get("EncryptionContextSubset"):
        condition["StringEquals"] = _pairs(part)
    if exact := constraints.get("EncryptionContextEquals"):
        # The same comparison by another name: a grant may have both constraints.
        condition["ForAnyValue:StringEquals"] = _pairs(exact)
        # And no other name.
        condition["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": sorted(exact)}
    return condition or None


def _pairs(context: Mapping[str, str]) -> dict[str, str]:
    return {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
