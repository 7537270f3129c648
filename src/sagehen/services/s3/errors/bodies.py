"""Errors about bytes: too many, too few, or others than were promised."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class BadDigest(ServiceError):
    """What arrived is not what the client computed a digest of; both are told, where AWS tells them."""

    status = 400


class InvalidDigest(ServiceError):
    """Content-MD5 is not the base64 of 16 bytes."""

    status = 400

    def __init__(self, value: str) -> None:
        super().__init__("The Content-MD5 you specified was invalid.", **{"Content-MD5": value})


class IncompleteBody(ServiceError):
    """The body ended before its Content-Length; both in bytes."""

    status = 400

    def __init__(self, expected: int, received: int) -> None:
        super().__init__(
            "The request body terminated unexpectedly",
            NumberBytesExpected=str(expected),
            NumberBytesReceived=str(received),
        )


class EntityTooLarge(ServiceError):
    """An upload in one piece, a part or a copy above 5 GiB; both in bytes."""

    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize=str(size),
            MaxSizeAllowed=str(limit),
        )
