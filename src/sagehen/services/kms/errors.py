"""The errors of KMS: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class AlreadyExistsException(ServiceError):
    """The account has an alias of that name in this region."""


class DisabledException(ServiceError):
    """The key is disabled."""


class DryRunOperationException(ServiceError):
    """The request would have succeeded: a dry run ends so."""


class ExpiredImportTokenException(ServiceError):
    """The parameters for the import are older than a day."""


class IncorrectKeyException(ServiceError):
    """The ciphertext was made by another key than the one that is named."""


class IncorrectKeyMaterialException(ServiceError):
    """The material does not fit the key's spec, or is not what the key had before."""


class InvalidArnException(ServiceError):
    """A principal of a grant does not exist, or is none."""


class InvalidCiphertextException(ServiceError):
    """The ciphertext is none, was changed, or has another encryption context."""


class InvalidGrantIdException(ServiceError):
    """The id has not the form of one."""


class InvalidGrantTokenException(ServiceError):
    """The token is no grant's."""


class InvalidImportTokenException(ServiceError):
    """The token is none, or another key's."""


class InvalidKeyUsageException(ServiceError):
    """The key is made for something else, or does not know the algorithm."""


class InvalidMarkerException(ServiceError):
    """The marker is none of this listing."""


class KMSInvalidMacException(ServiceError):
    """The code is not the key's over this message."""


class KMSInvalidSignatureException(ServiceError):
    """The signature is not the key's over this message."""


class KMSInvalidStateException(ServiceError):
    """The key is about to be deleted, or waits for its material."""


class LimitExceededException(ServiceError):
    """A quota would be exceeded."""


class MalformedPolicyDocumentException(ServiceError):
    """The document breaks the grammar, names nobody, or would lock its author out."""


class NotFoundException(ServiceError):
    """There is no such key, alias or grant."""


class TagException(ServiceError):
    """Tags that cannot be."""


class UnsupportedOperationException(ServiceError):
    """Keys of this spec, origin or manager do not take the operation."""


def no_such_key(arn: str) -> NotFoundException:
    """Return the refusal of a key that does not exist, in AWS's words."""
    return NotFoundException(f"Key '{arn}' does not exist")


def no_such_alias(arn: str) -> NotFoundException:
    """Return the refusal of an alias that does not exist, in AWS's words."""
    return NotFoundException(f"Alias {arn} is not found.")


def dry_run() -> DryRunOperationException:
    """Return what AWS answers to a dry run that would have succeeded; it is raised after every check."""
    return DryRunOperationException("The request would have succeeded, but the DryRun option is set.")
