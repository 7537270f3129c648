"""EncodedMessages: what EC2 appends to a refusal, for who may know more of it, and
sts:DecodeAuthorizationMessage.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html. The
document's members are from memory; which statements matched is not told here.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Principal
from sagehen.services.iam.errors import InvalidAuthorizationMessageException
from sagehen.services.iam.evaluation.evaluator import Decision

# Loaded by the first refusal that is encoded.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
# The model's bound of what can be asked about.
_LONGEST = 10_240
# Of values of conditions in one document: what a request brings may be large.
_MOST_CHARACTERS = 4096
_LONGEST_VALUE = 256


class EncodedMessages:
    """Seals documents under a key that lives as long as the process: who wants to read one has to ask."""

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(os.urandom(32))

    def encode(
        self,
        principal: Principal,
        access: Access,
        environment: Mapping[str, ConditionValue],
        decision: Decision,
    ) -> str:
        """Return what is appended to a refusal."""
        document = {
            "allowed": False,
            "explicitDeny": decision.explicit,
            "context": {
                "principal": {"id": principal.user_id, "name": principal.name, "arn": principal.arn},
                "action": access.action,
                "resource": access.resource,
                "conditions": {"items": list(_conditions({**environment, **access.conditions}))},
            },
        }
        nonce = os.urandom(_NONCE_BYTES)
        plain = zlib.compress(json.dumps(document).encode())
        sealed = self._cipher.encrypt(nonce, plain, principal.account_id.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def decode(self, account_id: str, message: str) -> str:
        """Return the document of a message that somebody of this account was told.

        Raises:
            InvalidAuthorizationMessageException: It is none, another account's, or of an earlier life.
        """
        from cryptography.exceptions import InvalidTag

        try:
            if len(message) > _LONGEST:
                raise ValueError
            sealed = base64.b64decode(message.encode("ascii"), altchars=b"-_", validate=True)
            nonce, sealed = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return zlib.decompress(self._cipher.decrypt(nonce, sealed, account_id.encode())).decode()
        except (ValueError, InvalidTag):
            raise InvalidAuthorizationMessageException(
                "Message is not valid. It is either malformed, of another account, or too old."
            ) from None


class AuthorizationMessages:
    """DecodeAuthorizationMessage."""

    def __init__(self, messages: EncodedMessages) -> None:
        self._messages = messages

    @operation("DecodeAuthorizationMessage")
    async def decode_authorization_message(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return what a refusal was about.

        Raises:
            InvalidAuthorizationMessageException.
        """
        account = context.principal.account_id
        return {"DecodedMessage": self._messages.decode(account, request["EncodedMessage"])}


def _conditions(keys: Mapping[str, ConditionValue]) -> Iterator[dict[str, Any]]:
    left = _MOST_CHARACTERS
    for key, value in keys.items():
        values = [value] if isinstance(value, str) else list(value)
        left -= len(key) + sum(min(len(text), _LONGEST_VALUE) for text in values)
        if left < 0:
            return
        yield {
            "key": key[:_LONGEST_VALUE],
            "values": {"items": [{"value": text[:_LONGEST_VALUE]} for text in values]},
        }
