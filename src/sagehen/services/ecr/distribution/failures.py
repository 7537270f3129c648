"""Refusals of the protocol: the specification's codes, ECR's words."""

from __future__ import annotations

import orjson

from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.services.ecr import errors
from sagehen.services.ecr.distribution.messages import RegistryAnswer

HEADERS = {"Docker-Distribution-Api-Version": "registry/2.0"}
# AWS's error -> status and code. OCI distribution specification 1.1, "Error codes".
_CODES: dict[type[ServiceError], tuple[int, str]] = {
    errors.RepositoryNotFoundException: (404, "NAME_UNKNOWN"),
    errors.ImageNotFoundException: (404, "MANIFEST_UNKNOWN"),
    errors.LayersNotFoundException: (400, "MANIFEST_BLOB_UNKNOWN"),
    errors.ReferencedImagesNotFoundException: (400, "MANIFEST_BLOB_UNKNOWN"),
    errors.UploadNotFoundException: (404, "BLOB_UPLOAD_UNKNOWN"),
    errors.InvalidLayerException: (400, "DIGEST_INVALID"),
    errors.InvalidLayerPartException: (416, "BLOB_UPLOAD_INVALID"),
    errors.EmptyUploadException: (400, "BLOB_UPLOAD_INVALID"),
    errors.ImageTagAlreadyExistsException: (400, "TAG_INVALID"),
    errors.ImageDigestDoesNotMatchException: (400, "DIGEST_INVALID"),
    errors.InvalidParameterException: (400, "MANIFEST_INVALID"),
    errors.LimitExceededException: (403, "DENIED"),
    NotImplementedOperation: (501, "UNSUPPORTED"),
}


class Failure(Exception):
    """A refusal.

    Args:
        status: Of HTTP.
        code: Of the specification.
        message: For people.
        headers: Further ones.
    """

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def answer_of(failure: Failure, *, with_body: bool = True) -> RegistryAnswer:
    """Return a refusal as an answer."""
    body = orjson.dumps({"errors": [{"code": failure.code, "message": failure.message}]})
    headers = {**HEADERS, "Content-Type": "application/json; charset=utf-8", **failure.headers}
    if not with_body:  # of a HEAD, which has the length of what a GET would bring
        return RegistryAnswer(failure.status, headers)
    return RegistryAnswer(failure.status, headers, body)


def failure_of(error: ServiceError) -> Failure:
    """Return one of AWS's errors as the protocol says it."""
    status, code = next(
        (found for kind, found in _CODES.items() if isinstance(error, kind)),
        (error.status or 400, "UNSUPPORTED"),
    )
    return Failure(status, code, error.message)


def unauthorized(url: str) -> RegistryAnswer:
    """Return what a request without a token gets: how to bring one. From memory, to the body."""
    challenge = f'Basic realm="{url}/",service="ecr.amazonaws.com"'
    headers = {**HEADERS, "WWW-Authenticate": challenge, "Content-Type": "text/plain; charset=utf-8"}
    return RegistryAnswer(401, headers, b"Not Authorized\n")
