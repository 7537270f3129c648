"""Encrypt, Decrypt, ReEncrypt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.services.kms.cryptography.ciphers import Ciphers
from sagehen.services.kms.errors import InvalidCiphertextException, dry_run
from sagehen.services.kms.keys.access import check_grant_tokens, on_found_key, on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_enabled
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.keys.specs import SYMMETRIC

_USAGE = "ENCRYPT_DECRYPT"
# What requests mean that name no algorithm.
DEFAULT = {"EncryptionAlgorithm": SYMMETRIC}


def _on_ciphertext(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The key is the one that is named, else the one that made the ciphertext."""
    if request.get("KeyId"):
        yield from on_key(default=DEFAULT)(owner, context, request)
        return
    check_grant_tokens(owner, request)
    key = owner.made_by(context, _ciphertext(request, "KeyId"))
    yield on_found_key(owner, context, {**DEFAULT, **request}, key, f"kms:{context.operation}")


def _on_both(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Each key is asked with its own context and algorithm, and both with whether they are one."""
    check_grant_tokens(owner, request)
    read, written = _side(request, "Source"), _side(request, "Destination")
    found = owner.source(context, request)
    source = on_found_key(owner, context, read, found, "kms:ReEncryptFrom", request.get("SourceKeyId") or "")
    (target,) = on_key(action="ReEncryptTo")(owner, context, written)
    same = {"kms:ReEncryptOnSameKey": str(source.resource == target.resource).lower()}
    for access in (source, target):
        yield replace(access, conditions={**access.conditions, **same})


def _side(request: Request, side: str) -> dict[str, Any]:
    """Return the members of one of ReEncrypt's two sides by the names that Decrypt and Encrypt give them."""
    names = ("KeyId", "EncryptionContext", "EncryptionAlgorithm")
    return {**DEFAULT, **{name: request[side + name] for name in names if side + name in request}}


class Encryption:
    """The operations that encrypt and decrypt what clients send."""

    def __init__(self, records: KeyRecords, finder: KeyFinder, ciphers: Ciphers) -> None:
        self.records = records
        self.finder = finder
        self._ciphers = ciphers

    def made_by(self, context: RequestContext, blob: bytes) -> Key:
        """Return the key that made a ciphertext, if it is of this region.

        Raises:
            InvalidCiphertextException.
        """
        key = self._ciphers.key_of(blob)
        if key.scope.region != context.scope.region:
            raise InvalidCiphertextException
        return key

    def source(self, context: RequestContext, request: Request) -> Key:
        """Return the key that ReEncrypt reads with."""
        if request.get("SourceKeyId"):
            return self.finder.find(context.scope, request["SourceKeyId"])
        return self.made_by(context, _ciphertext(request, "SourceKeyId"))

    @operation("Encrypt", access=on_key(default=DEFAULT))
    async def encrypt(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Encrypt up to 4,096 bytes.

        Raises:
            NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
        """
        key = self.finder.usable(context.scope, request["KeyId"], _USAGE, "Encrypt")
        algorithm = request.get("EncryptionAlgorithm", SYMMETRIC)
        arguments = (key, request["Plaintext"], request.get("EncryptionContext") or {}, algorithm)
        blob = await _run(key, self._ciphers.encrypt, *arguments)
        if request.get("DryRun"):
            raise dry_run()
        return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": algorithm}

    @operation("Decrypt", access=_on_ciphertext)
    async def decrypt(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Decrypt what Encrypt or a data key operation made.

        Raises:
            InvalidCiphertextException, IncorrectKeyException, NotFoundException, DisabledException, ...
        """
        refuse_recipient(request)
        algorithm = request.get("EncryptionAlgorithm", SYMMETRIC)
        if request.get("KeyId"):
            identifier = request["KeyId"]
        elif algorithm == SYMMETRIC:
            identifier = self.made_by(context, _ciphertext(request, "KeyId")).arn
        else:
            raise ValidationException("KeyId must be specified to decrypt with an asymmetric key.")
        key = self.finder.usable(context.scope, identifier, _USAGE, "Decrypt")
        if _asks_for_rights_only(request):
            raise dry_run()
        arguments = (key, _ciphertext(request), request.get("EncryptionContext") or {}, algorithm)
        plaintext, material_id = await _run(key, self._ciphers.decrypt, *arguments)
        if request.get("DryRun"):
            raise dry_run()
        answer = {"KeyId": key.arn, "Plaintext": plaintext, "EncryptionAlgorithm": algorithm}
        return answer | ({"KeyMaterialId": material_id} if key.spec == SYMMETRIC else {})

    @operation("ReEncrypt", access=_on_both)
    async def re_encrypt(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Decrypt with one key and encrypt with another; the plaintext never leaves KMS."""
        source = self.source(context, request)
        require_enabled(source)
        target = self.finder.usable(context.scope, request["DestinationKeyId"], _USAGE, "ReEncrypt")
        before = request.get("SourceEncryptionAlgorithm", SYMMETRIC)
        after = request.get("DestinationEncryptionAlgorithm", SYMMETRIC)
        old, new = (
            request.get("SourceEncryptionContext") or {},
            request.get("DestinationEncryptionContext") or {},
        )
        if _asks_for_rights_only(request):
            raise dry_run()
        plaintext, material_id = await _run(
            source, self._ciphers.decrypt, source, _ciphertext(request), old, before
        )
        blob = await _run(target, self._ciphers.encrypt, target, plaintext, new, after)
        if request.get("DryRun"):
            raise dry_run()
        return {
            "CiphertextBlob": blob,
            "SourceKeyId": source.arn,
            "KeyId": target.arn,
            "SourceEncryptionAlgorithm": before,
            "DestinationEncryptionAlgorithm": after,
            "SourceKeyMaterialId": material_id if source.spec == SYMMETRIC else None,
            "DestinationKeyMaterialId": target.material_id if target.spec == SYMMETRIC else None,
        }


def _asks_for_rights_only(request: Request) -> bool:
    """Tell whether a dry run leaves the ciphertext aside."""
    return "IGNORE_CIPHERTEXT" in (request.get("DryRunModifiers") or ()) and bool(request.get("DryRun"))


def _ciphertext(request: Request, key: str = "") -> bytes:
    """Return the ciphertext.

    Args:
        key: The member without which only the ciphertext says which key is meant.

    Raises:
        ValidationException: There is none. The model requires neither, since dry runs need only the key.
    """
    blob: bytes | None = request.get("CiphertextBlob")
    if blob is not None:
        return blob
    absent = key if _asks_for_rights_only(request) else "CiphertextBlob"
    member = absent[0].lower() + absent[1:]
    raise ValidationException(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
        "Member must not be null"
    )


def refuse_recipient(request: Request) -> None:
    """Refuse to encrypt the answer for a Nitro enclave: there is none here.

    Raises:
        NotImplementedOperation
    """
    if request.get("Recipient"):
        raise NotImplementedOperation("Recipient (Nitro enclaves) is not implemented.")


async def _run(key: Key, function: Any, *arguments: Any) -> Any:
    """RSA takes milliseconds: it goes to a thread."""
    if key.spec == SYMMETRIC:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)
