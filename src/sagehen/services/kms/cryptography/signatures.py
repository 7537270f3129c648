"""Sign, Verify, GetPublicKey, DeriveSharedSecret; GenerateMac, VerifyMac."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.services.kms.cryptography.ciphers import Ciphers, require_algorithm
from sagehen.services.kms.cryptography.encryption import refuse_recipient
from sagehen.services.kms.errors import (
    KMSInvalidMacException,
    KMSInvalidSignatureException,
    UnsupportedOperationException,
    dry_run,
)
from sagehen.services.kms.keys.access import on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_enabled
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.material import private_key, public_der
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.keys.specs import MAC_BYTES, MEMBERS, SYMMETRIC, algorithms

# Documented: KMS API Reference, Sign: what a request means that does not say.
_DEFAULT = {"MessageType": "RAW"}


class Signatures:
    """The operations of asymmetric keys that sign or agree, and of keys for codes."""

    def __init__(self, records: KeyRecords, finder: KeyFinder, ciphers: Ciphers) -> None:
        self.records = records
        self.finder = finder
        self._ciphers = ciphers

    @operation("Sign", access=on_key(default=_DEFAULT))
    async def sign(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.usable(context.scope, request["KeyId"], "SIGN_VERIFY", "Sign")
        algorithm = require_algorithm(key, request["SigningAlgorithm"])
        digest, hashed = _message(request, algorithm)
        private = private_key(self._ciphers.secret(key))
        signature = await asyncio.to_thread(_sign, private, request["Message"], algorithm, digest, hashed)
        if request.get("DryRun"):
            raise dry_run()
        return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": algorithm}

    @operation("Verify", access=on_key(default=_DEFAULT))
    async def verify(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Check a signature.

        Raises:
            KMSInvalidSignatureException: It is not the key's over this message.
        """
        from cryptography.exceptions import InvalidSignature

        key = self.finder.usable(context.scope, request["KeyId"], "SIGN_VERIFY", "Verify")
        algorithm = require_algorithm(key, request["SigningAlgorithm"])
        digest, hashed = _message(request, algorithm)
        public = private_key(self._ciphers.secret(key)).public_key()
        try:
            _verify(public, request["Signature"], request["Message"], algorithm, digest, hashed)
        except InvalidSignature:  # without a text, as recorded
            raise KMSInvalidSignatureException from None
        if request.get("DryRun"):
            raise dry_run()
        return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}

    @operation("GetPublicKey", access=on_key())
    async def get_public_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.find(context.scope, request["KeyId"])
        require_enabled(key)
        if key.spec == SYMMETRIC or key.spec in MAC_BYTES:
            raise UnsupportedOperationException(
                f"{key.arn} key spec is {key.spec} which is not valid for GetPublicKey."
            )
        return {
            "KeyId": key.arn,
            "PublicKey": public_der(self._ciphers.secret(key)),
            "CustomerMasterKeySpec": key.spec,
            "KeySpec": key.spec,
            "KeyUsage": key.usage,
            MEMBERS[key.usage]: list(algorithms(key.spec, key.usage)),
        }

    @operation("DeriveSharedSecret", access=on_key())
    async def derive_shared_secret(self, context: RequestContext, request: Request) -> dict[str, Any]:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        refuse_recipient(request)
        key = self.finder.usable(context.scope, request["KeyId"], "KEY_AGREEMENT", "DeriveSharedSecret")
        private = private_key(self._ciphers.secret(key))
        try:
            other = serialization.load_der_public_key(request["PublicKey"])
            if not isinstance(other, ec.EllipticCurvePublicKey):
                raise ValueError("no elliptic curve")
            secret = await asyncio.to_thread(private.exchange, ec.ECDH(), other)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ValidationException("The public key is not one of the same curve, in DER.") from None
        if request.get("DryRun"):
            raise dry_run()
        return {
            "KeyId": key.arn,
            "SharedSecret": secret,
            "KeyAgreementAlgorithm": request["KeyAgreementAlgorithm"],
            "KeyOrigin": key.origin,
        }

    @operation("GenerateMac", access=on_key())
    async def generate_mac(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.usable(context.scope, request["KeyId"], "GENERATE_VERIFY_MAC", "GenerateMac")
        mac = self._mac(key, request)
        if request.get("DryRun"):
            raise dry_run()
        return {"Mac": mac, "MacAlgorithm": request["MacAlgorithm"], "KeyId": key.arn}

    @operation("VerifyMac", access=on_key())
    async def verify_mac(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.usable(context.scope, request["KeyId"], "GENERATE_VERIFY_MAC", "VerifyMac")
        # Recorded: it has no text either.
        if not hmac.compare_digest(self._mac(key, request), request["Mac"]):
            raise KMSInvalidMacException
        if request.get("DryRun"):
            raise dry_run()
        return {"KeyId": key.arn, "MacValid": True, "MacAlgorithm": request["MacAlgorithm"]}

    def _mac(self, key: Key, request: Request) -> bytes:
        algorithm = require_algorithm(key, request["MacAlgorithm"])
        bits = algorithm.removeprefix("HMAC_SHA_")
        return hmac.digest(self._ciphers.secret(key), request["Message"], f"sha{bits}")


def _message(request: Request, algorithm: str) -> tuple[Any, bool]:
    """Return (digest, whether the message is one already).

    Raises:
        ValidationException: A digest of another length.
    """
    from cryptography.hazmat.primitives import hashes

    digest = getattr(hashes, f"SHA{algorithm[-3:]}")()
    kind = request.get("MessageType", "RAW")
    if kind not in ("RAW", "DIGEST"):
        raise ValidationException(f"MessageType {kind} is for ML-DSA keys alone.")
    # Recorded.
    if kind == "DIGEST" and len(request["Message"]) != digest.digest_size:
        raise ValidationException("Digest is invalid length for algorithm " + algorithm + ".")
    return digest, kind == "DIGEST"


def _rsa(algorithm: str, digest: Any) -> Any:
    from cryptography.hazmat.primitives.asymmetric import padding

    if "PSS" in algorithm:
        return padding.PSS(padding.MGF1(digest), digest.digest_size)
    return padding.PKCS1v15()


def _sign(private: Any, message: bytes, algorithm: str, digest: Any, hashed: bool) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    chosen = utils.Prehashed(digest) if hashed else digest
    signature: bytes
    if algorithm.startswith("ECDSA"):
        signature = private.sign(message, ec.ECDSA(chosen))
    else:
        signature = private.sign(message, _rsa(algorithm, digest), chosen)
    return signature


def _verify(public: Any, signature: bytes, message: bytes, algorithm: str, digest: Any, hashed: bool) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    chosen = utils.Prehashed(digest) if hashed else digest
    if algorithm.startswith("ECDSA"):
        public.verify(signature, message, ec.ECDSA(chosen))
    else:
        public.verify(signature, message, _rsa(algorithm, digest), chosen)
