"""The headers that carry a request's id."""

from __future__ import annotations

from sagehen.domain.ids import host_id
from sagehen.protocol.models.description import ServiceDescription


def is_s3(service: ServiceDescription) -> bool:
    """Whether a service has S3's own headers and bare `<Error>` documents.

    Smithy's models say so by `noErrorWrapping`; botocore's do not, but they keep S3's signature.
    """
    return str(service.metadata.get("signatureVersion", "")).startswith("s3")


def request_id_headers(service: ServiceDescription, request_id: str) -> dict[str, str]:
    """Return the headers that say a request's id, on answers and on errors alike."""
    if is_s3(service):
        return {"x-amz-request-id": request_id, "x-amz-id-2": host_id(request_id)}
    return {"x-amzn-RequestId": request_id}
