"""Sealing: which cipher an object's bytes go through, on their way in and out.

A version's details hold `Encryption`, which answers show, and `Sealing`, what is kept of the key. Without
a `Sealing` the bytes lie as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.encryption_keys import EncryptionKeys
from sagehen.services.s3.contents.ciphers import ContentCipher
from sagehen.services.s3.encryption.customer_keys import cipher_of, customer_key, is_the_key, new_sealing
from sagehen.services.s3.encryption.errors import key_needed
from sagehen.services.s3.encryption.kms_keys import METHODS, Asker, new_key, open_key
from sagehen.services.s3.errors.requests import AccessDenied, InvalidRequest
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.versions import Version


@dataclass(frozen=True, slots=True)
class Sealing:
    """Finds ciphers.

    Args:
        keys: KMS; None where there is none (tests): what needs it answers 501.
    """

    keys: EncryptionKeys | None

    def _kms(self) -> EncryptionKeys:
        if self.keys is None:
            raise NotImplementedOperation("Encryption with KMS is not wired here.")
        return self.keys

    async def of_upload(
        self, asker: Asker, bucket: Bucket, version: Version, request: Mapping[str, Any]
    ) -> tuple[Version, ContentCipher | None]:
        """Return a version to be as its encryption has it, and the cipher of its bytes (None: plain).

        Raises:
            InvalidArgument, InvalidEncryptionAlgorithmError: The customer's key is none.
            KMS.NotFoundException, KMS.DisabledException, KMS.KMSInvalidStateException, AccessDenied.
        """
        secret = customer_key(request)
        if secret is not None:
            sealing = new_sealing(secret)
            details = {**version.details, "Encryption": {}, "Sealing": sealing}
            return replace(version, details=details), cipher_of(sealing, secret)
        wanted = version.details.get("Encryption") or {}
        if wanted.get("ServerSideEncryption") not in METHODS:
            return version, None
        shown, kept, cipher = await new_key(self._kms(), asker, bucket, version.key, wanted, request)
        return replace(version, details={**version.details, "Encryption": shown, "Sealing": kept}), cipher

    def of_read(
        self,
        asker: Asker,
        bucket: Bucket,
        version: Version,
        request: Mapping[str, Any],
        prefix: str = "",
    ) -> ContentCipher | None:
        """Return the cipher of a stored version, for who may read it.

        Args:
            prefix: `CopySource` for the source of a copy.

        Raises:
            InvalidRequest: It is under a customer's key and none came, or one came and it is not.
            AccessDenied: The key is another, or the caller may not decrypt with KMS's.
        """
        check_customer_key(version, request, prefix)
        sealing = version.details.get("Sealing")
        if sealing is None:
            return None
        secret = customer_key(request, prefix)
        if secret is not None:
            return cipher_of(sealing, secret)
        return open_key(self._kms(), asker, bucket, version.details)

    def of_part(
        self, asker: Asker, bucket: Bucket, details: Mapping[str, Any], request: Mapping[str, Any]
    ) -> ContentCipher | None:
        """Return the cipher of an upload that has begun, for its next part.

        Args:
            details: Of the upload.

        Raises:
            InvalidRequest: The part comes with another key than the upload began with, with none, or with
                one that it did not ask for.
            AccessDenied: The caller may not use the upload's key.
        """
        sealing = details.get("Sealing")
        secret = customer_key(request)
        if is_customers(details):
            # These three: words of public reports and of other implementations; not recorded.
            if secret is None:
                raise InvalidRequest(
                    "The multipart upload initiate requested encryption. Subsequent part requests must "
                    "include the appropriate encryption parameters."
                )
            if not is_the_key(details["Sealing"], secret):
                raise InvalidRequest(
                    "The provided encryption parameters did not match the ones used originally."
                )
            return cipher_of(details["Sealing"], secret)
        if secret is not None:
            raise InvalidRequest(
                "The multipart upload initiate did not request encryption. Please resend the request without "
                "sending encryption parameters."
            )
        return None if sealing is None else open_key(self._kms(), asker, bucket, details)


def is_customers(details: Mapping[str, Any]) -> bool:
    """Tell whether a version or an upload is under a customer's key."""
    return "Verifier" in (details.get("Sealing") or {})


def check_customer_key(version: Version, request: Mapping[str, Any], prefix: str = "") -> None:
    """Refuse a request that does not bring the key of a version under a customer's, or brings one for others.

    Raises:
        InvalidRequest, AccessDenied, InvalidArgument, InvalidEncryptionAlgorithmError.
    """
    secret = customer_key(request, prefix)
    if is_customers(version.details):
        if secret is None:
            raise key_needed()
        if not is_the_key(version.details["Sealing"], secret):
            raise AccessDenied()
    elif secret is not None:
        raise InvalidRequest("The encryption parameters are not applicable to this object.")
