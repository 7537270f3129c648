"""Errors about objects and their versions, and about what is said of them."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class NoSuchKey(ServiceError):
    """Only to who may list the bucket; others get AccessDenied, and learn nothing."""

    status = 404

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", Key=key)


class NoSuchVersion(ServiceError):
    """Only to who may list the bucket; others get AccessDenied, and learn nothing."""

    status = 404

    def __init__(self, key: str, version_id: str) -> None:
        super().__init__("The specified version does not exist.", Key=key, VersionId=version_id)


class OperationAborted(ServiceError):
    """An object was replaced between the reading of its record and of its bytes; the SDKs try again."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "A conflicting conditional operation is currently in progress against this resource. "
            "Please try again."
        )


class KeyTooLongError(ServiceError):
    """In bytes of UTF-8, not in characters."""

    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__("Your key is too long", Size=str(size), MaxSizeAllowed=str(limit))


class MetadataTooLarge(ServiceError):
    """In bytes of UTF-8: names and values together."""

    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            "Your metadata headers exceed the maximum allowed metadata size",
            Size=str(size),
            MaxSizeAllowed=str(limit),
        )


class InvalidStorageClass(ServiceError):
    """The class is none that S3 has."""

    status = 400

    def __init__(self, value: str) -> None:
        super().__init__("The storage class you specified is not valid", StorageClassRequested=value)


class InvalidTag(ServiceError):
    """A tag breaks a limit, or comes twice; which one is in the further elements."""

    status = 400


class InvalidPartNumber(ServiceError):
    """A read of a part that the object has not; an object that was put in one piece has part 1."""

    status = 416

    def __init__(self, requested: int, count: int) -> None:
        super().__init__(
            "The requested partnumber is not satisfiable",
            ActualPartCount=str(count),
            PartNumberRequested=str(requested),
        )


class InvalidRange(ServiceError):
    """No byte of the range exists; with the size, in bytes, and the range as it came."""

    status = 416

    def __init__(self, requested: str, size: int) -> None:
        super().__init__(
            "The requested range is not satisfiable", ActualObjectSize=str(size), RangeRequested=requested
        )


class ConditionalRequestConflict(ServiceError):
    """The key changed while the upload that a condition belongs to was in progress."""

    status = 409

    def __init__(self, condition: str, key: str) -> None:
        super().__init__(
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
            Condition=condition,
            Key=key,
        )


class PreconditionFailed(ServiceError):
    """The condition is named as its header is: `If-Match`."""

    status = 412

    def __init__(self, condition: str) -> None:
        super().__init__("At least one of the pre-conditions you specified did not hold", Condition=condition)
