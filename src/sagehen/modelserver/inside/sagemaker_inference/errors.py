"""Errors that handlers raise or catch."""

from __future__ import annotations


class UnsupportedFormatError(Exception):
    """No decoder or encoder for a content type: the caller gets 415."""

    status_code = 415

    def __init__(self, content_type: str, **kwargs: object) -> None:
        self._message = f"Content type {content_type} is not supported by this framework."
        super().__init__(self._message)

    def __str__(self) -> str:
        return self._message


class BaseInferenceToolkitError(Exception):
    """An error with a status of its own.

    Args:
        status_code: Of the HTTP answer.
        message: For the caller.
        phrase: Of the status line; not sent here.
    """

    def __init__(self, status_code: int, message: str, phrase: str) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message
        self.phrase = phrase


class GenericInferenceToolkitError(BaseInferenceToolkitError):
    def __init__(self, status_code: int, message: str | None = None, phrase: str | None = None) -> None:
        super().__init__(status_code, message or "Invalid Request", phrase or message or "Invalid Request")
