"""The errors of encryption.

ServiceError
├── InvalidEncryptionAlgorithmError    a customer's key for another cipher than AES256
└── KMS.…                              what KMS refuses, under S3's prefix
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest

_HEADER = "x-amz-server-side-encryption"


class InvalidEncryptionAlgorithmError(ServiceError):
    """A customer's key for another cipher than AES256."""

    status = 400

    def __init__(self, algorithm: str) -> None:
        super().__init__(
            "The Encryption request you specified is not valid. Supported value: AES256.",
            ArgumentName=_HEADER,
            ArgumentValue=algorithm,
        )


class _KmsError(ServiceError):
    status = 400


class KmsNotFound(_KmsError):
    """The key is not there, or in another region than the bucket."""

    code = "KMS.NotFoundException"


class KmsDisabled(_KmsError):
    """The key is disabled."""

    code = "KMS.DisabledException"


class KmsInvalidState(_KmsError):
    """The key is pending deletion or import."""

    code = "KMS.KMSInvalidStateException"


class KmsInvalidKeyUsage(_KmsError):
    """The key signs or authenticates, and does not encrypt."""

    code = "KMS.InvalidKeyUsageException"


class KmsInvalidCiphertext(_KmsError):
    """The stored data key is not this key's."""

    code = "KMS.InvalidCiphertextException"


_OF_KMS = {kind.code.removeprefix("KMS."): kind for kind in _KmsError.__subclasses__()}


def of_kms(error: ServiceError) -> ServiceError:
    """Return an error of KMS as S3 passes it on; what S3 has no name for stays as it is."""
    kind = _OF_KMS.get(error.code)
    return error if kind is None else kind(error.message)


def bad_key(message: str, value: str = "null") -> InvalidArgument:
    """Return the refusal of a customer's key, by the name of SSE's own header (from memory)."""
    return InvalidArgument(message, _HEADER, value)


def key_needed() -> InvalidRequest:
    """Return the refusal of a read without the customer's key."""
    return InvalidRequest(
        "The object was stored using a form of Server Side Encryption. "
        "The correct parameters must be provided to retrieve the object."
    )
