"""The errors of KMS: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class AlreadyExistsException(ServiceError):
    pass


class DisabledException(ServiceError):
    pass


class DryRunOperationException(ServiceError):
    pass


class ExpiredImportTokenException(ServiceError):
    pass


class IncorrectKeyException(ServiceError):
    pass


class IncorrectKeyMaterialException(ServiceError):
    pass


class InvalidAliasNameException(ServiceError):
    pass


class InvalidArnException(ServiceError):
    pass


class InvalidCiphertextException(ServiceError):
    pass


class InvalidGrantIdException(ServiceError):
    pass


class InvalidGrantTokenException(ServiceError):
    pass


class InvalidImportTokenException(ServiceError):
    pass


class InvalidKeyUsageException(ServiceError):
    pass


class InvalidMarkerException(ServiceError):
    pass


class KMSInvalidMacException(ServiceError):
    pass


class KMSInvalidSignatureException(ServiceError):
    pass


class KMSInvalidStateException(ServiceError):
    pass


class LimitExceededException(ServiceError):
    pass


class MalformedPolicyDocumentException(ServiceError):
    pass


class NotFoundException(ServiceError):
    pass


class TagException(ServiceError):
    pass


class UnsupportedOperationException(ServiceError):
    pass


def no_such_key(arn: str) -> NotFoundException:
    return NotFoundException(f"Key '{arn}' does not exist")


def no_such_alias(arn: str) -> NotFoundException:
    return NotFoundException(f"Alias {arn} is not found.")
