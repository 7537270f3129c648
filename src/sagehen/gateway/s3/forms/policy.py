"""The policy of a browser upload: what the signer allowed the form to say.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
The texts of refusals are recorded; that of an operator that is none is from memory.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from sagehen.gateway.requests.refusals import Refusal

# Documented there: fields that need no condition; neither do those named x-ignore-…. `bucket` is from memory.
_FREE = frozenset(("x-amz-signature", "signature", "awsaccesskeyid", "policy", "file", "bucket"))


@dataclass(frozen=True, slots=True)
class PostPolicy:
    """A verified policy document.

    Args:
        expiration: Until when it holds.
        conditions: (operator, field, value) with lower-case field names.
        size_range: Bytes that the file may have, both ends included.
    """

    expiration: datetime
    conditions: tuple[tuple[str, str, str], ...]
    size_range: tuple[int, int] | None = None

    def check_fields(self, fields: Mapping[str, str], bucket: str, now: datetime) -> None:
        """Check that the form says what the policy allows, and nothing else.

        Raises:
            Refusal: AccessDenied, naming the condition.
        """
        if now > self.expiration:
            raise _denied("Policy expired.")
        known = {**fields, "bucket": bucket}
        for operator, field, value in self.conditions:
            actual = known.get(field, "")
            fits = actual == value if operator == "eq" else actual.startswith(value)
            if not fits:
                raise _denied(f'Policy Condition failed: ["{operator}", "${field}", "{value}"]')
        covered = {field for _, field, _ in self.conditions} | _FREE
        extra = [name for name in fields if name not in covered and not name.startswith("x-ignore-")]
        if extra:
            raise _denied(f"Extra input fields: {', '.join(sorted(extra))}")

    def check_size(self, size: int) -> None:
        """Check the file's size in bytes.

        Raises:
            Refusal: EntityTooSmall, EntityTooLarge.
        """
        if self.size_range is None:
            return
        low, high = self.size_range
        if size < low:
            text = "Your proposed upload is smaller than the minimum allowed size"
            raise Refusal("EntityTooSmall", text, 400, ProposedSize=str(size), MinSizeAllowed=str(low))
        if size > high:
            text = "Your proposed upload exceeds the maximum allowed size"
            raise Refusal("EntityTooLarge", text, 400, ProposedSize=str(size), MaxSizeAllowed=str(high))


def read_policy(encoded: str) -> PostPolicy:
    """Read a policy document.

    Args:
        encoded: Base64 of JSON, as in the form.

    Raises:
        Refusal: InvalidPolicyDocument.
    """
    try:
        document = orjson.loads(base64.b64decode(encoded, validate=True))
        text = str(document["expiration"]).replace("Z", "+00:00")
        expiration = datetime.fromisoformat(text)
        conditions, size_range = _conditions(document["conditions"])
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Refusal("InvalidPolicyDocument", f"Invalid Policy: {error}", 400) from error
    if expiration.tzinfo is None:
        expiration = expiration.replace(tzinfo=UTC)
    return PostPolicy(expiration, conditions, size_range)


def _conditions(stated: Any) -> tuple[tuple[tuple[str, str, str], ...], tuple[int, int] | None]:
    conditions: list[tuple[str, str, str]] = []
    size_range: tuple[int, int] | None = None
    for condition in stated:
        if isinstance(condition, dict):
            conditions += [("eq", name.lower(), str(value)) for name, value in condition.items()]
            continue
        operator, first, second = condition
        operator = operator.lower()
        if operator == "content-length-range":
            size_range = int(first), int(second)
        elif operator in ("eq", "starts-with"):
            conditions.append((operator, str(first).removeprefix("$").lower(), str(second)))
        else:
            raise ValueError(f"Unknown operation '{operator}'")
    return tuple(conditions), size_range


def _denied(text: str) -> Refusal:
    return Refusal("AccessDenied", f"Invalid according to Policy: {text}", 403)
