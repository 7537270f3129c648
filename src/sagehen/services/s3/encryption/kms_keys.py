"""Data keys of KMS: made for an upload, opened for a read, with the rights of who asks.

With a bucket key AWS calls KMS once for many objects. Here every object has a data key of its own; the
bucket's ARN is then its encryption context, as it is with AWS.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.domain.access import ConditionValue
from sagehen.domain.encryption_keys import EncryptionKeys, KeyUse
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.services.s3.contents.ciphers import ContentCipher, derived
from sagehen.services.s3.encryption.errors import of_kms
from sagehen.services.s3.errors.requests import (
    InvalidArgument,
)
from sagehen.services.s3.records.buckets import Bucket

DOUBLE_LAYERED = "aws:kms:dsse"
# Documented: PutObject, x-amz-server-side-encryption.
METHODS = ("aws:kms", DOUBLE_LAYERED)
_CONTEXT_HEADER = "x-amz-server-side-encryption-context"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a key.

    Args:
        environment: Returns the condition keys of the request; hardly any request needs them.
    """

    principal: Principal
    environment: Callable[[], Mapping[str, ConditionValue]]


def _use(asker: Asker, bucket: Bucket, context: Mapping[str, str]) -> KeyUse:
    """Return the use of a key: it is looked for in the account of who asks, and the region of the bucket."""
    scope = Scope(asker.principal.account_id or bucket.account_id, bucket.region)
    return KeyUse(asker.principal, scope, "s3", context, asker.environment())


async def new_key(
    keys: EncryptionKeys,
    asker: Asker,
    bucket: Bucket,
    key: str,
    wanted: Mapping[str, Any],
    request: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any], ContentCipher]:
    """Return the encryption as answers show it, what the object keeps of its key, and the key.

    Args:
        wanted: `ServerSideEncryption`, perhaps `SSEKMSKeyId` and `BucketKeyEnabled`.

    Raises:
        KMS.NotFoundException, KMS.DisabledException, KMS.KMSInvalidStateException, AccessDenied.
    """
    arn = bucket.arn if wanted.get("BucketKeyEnabled") else bucket.object_arn(key)
    context = {"aws:s3:arn": arn, **_further_context(request.get("SSEKMSEncryptionContext"))}
    use = _use(asker, bucket, context)
    try:
        key_id = wanted.get("SSEKMSKeyId") or await keys.managed_key(use.scope, "s3")
        made = keys.new_data_key(use, key_id)
    except ServiceError as error:
        raise of_kms(error) from None
    sealing = {"DataKey": base64.b64encode(made.ciphertext).decode(), "Context": context}
    cipher = _cipher(made.plaintext, wanted["ServerSideEncryption"])
    return {**wanted, "SSEKMSKeyId": made.key_arn}, sealing, cipher


def open_key(keys: EncryptionKeys, asker: Asker, bucket: Bucket, details: Mapping[str, Any]) -> ContentCipher:
    """Return the key of an object.

    Raises:
        AccessDenied: Who asks may not decrypt with the key that it is under.
        KMS.DisabledException, KMS.KMSInvalidStateException, KMS.NotFoundException.
    """
    sealing = details["Sealing"]
    try:
        plaintext = keys.open_data_key(
            _use(asker, bucket, sealing["Context"]),
            details["Encryption"]["SSEKMSKeyId"],
            base64.b64decode(sealing["DataKey"]),
        )
    except ServiceError as error:
        raise of_kms(error) from None
    return _cipher(plaintext, details["Encryption"]["ServerSideEncryption"])


def _cipher(data_key: bytes, method: str) -> ContentCipher:
    if method != DOUBLE_LAYERED:
        return ContentCipher((data_key,))
    return ContentCipher((derived(data_key, b"", "inner layer"), derived(data_key, b"", "outer layer")))


def _further_context(header: str | None) -> dict[str, str]:
    if not header:
        return {}
    try:
        context = json.loads(base64.b64decode(header, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        context = None
    if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
        raise InvalidArgument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding "
            "JSON which represents a string-string map",
            _CONTEXT_HEADER,
            header,
        )
    return {name: value for name, value in context.items() if name != "aws:s3:arn"}


def asker(context: RequestContext) -> Asker:
    """Return who asks KMS for a key."""
    return Asker(context.principal, context.condition_keys)
