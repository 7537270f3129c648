"""AsyncRequest: one accepted request as it is kept, and where its answer and its error will be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sagehen.domain.s3_uris import bucket_and_key
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.errors import ValidationError
from sagehen.serving.asynchronous import AsyncSettings

# Documented: InvokeEndpointAsync's model.
DEFAULT_TTL_S, DEFAULT_TIMEOUT_S = 21_600, 900
MOST_INLINE_BYTES = 128_000


@dataclass(frozen=True, slots=True)
class EndpointKey:
    """An endpoint, and no other of its name that was made before or after it."""

    scope: Scope
    name: str
    created_at: float


@dataclass(frozen=True, slots=True)
class AsyncRequest:
    """What was asked.

    Args:
        headers: For the container.
        bucket, key: Where its input is; '' where it came along.
        output: (bucket, key) of the answer.
        failure: (bucket, key) of the error; None: it is only in the log.
        kms_key_id: Encrypts both.
        role_arn: With whose rights an error is stored, where no instance ever had it.
    """

    inference_id: str
    headers: Mapping[str, str]
    bucket: str
    key: str
    output: tuple[str, str]
    failure: tuple[str, str] | None
    kms_key_id: str | None
    role_arn: str
    ttl_s: int = DEFAULT_TTL_S
    timeout_s: int = DEFAULT_TIMEOUT_S

    def document(self) -> dict[str, Any]:
        """Return what is stored as JSON."""
        return asdict(self)


def request_of_document(document: Mapping[str, Any]) -> AsyncRequest:
    """Return a request from its stored form."""
    output, failure = tuple(document["output"]), document["failure"]
    return AsyncRequest(**{**document, "output": output, "failure": tuple(failure) if failure else None})


def accepted(
    request: Mapping[str, Any],
    settings: AsyncSettings,
    role_arn: str,
    headers: Mapping[str, str],
    unique: str,
) -> AsyncRequest:
    """Return what is to be kept of InvokeEndpointAsync's input.

    Args:
        headers: Its members that are for the container, but InferenceId.
        unique: Of this request alone: the answer's name where none is given, and InferenceId likewise.

    Raises:
        ValidationError: InputLocation is no S3 URI of an object.
    """
    bucket, key = "", ""
    if location := request.get("InputLocation"):
        bucket, key = bucket_and_key(location) or ("", "")
        if not key:  # the words are ours
            raise ValidationError(f"InputLocation {location} is not the S3 URI of an object.")
    inference_id = request.get("InferenceId") or unique
    name = request.get("Filename") or f"{unique}.out"
    below = (request.get("S3OutputPathExtension") or "").strip("/")
    stem = name.removesuffix(".out")
    # Recorded, in public notebooks: `.out`, and `-error.out` in the failures' path.
    outputs, failures = settings.outputs, settings.failures
    return AsyncRequest(
        inference_id=inference_id,
        headers={**headers, "x-amzn-sagemaker-inference-id": inference_id},
        bucket=bucket,
        key=key,
        output=(outputs.bucket, outputs.key(f"{below}/{name}" if below else name)),
        failure=(failures.bucket, failures.key(f"{stem}-error.out")) if failures else None,
        kms_key_id=settings.kms_key_id,
        role_arn=role_arn,
        ttl_s=request.get("RequestTTLSeconds") or DEFAULT_TTL_S,
        timeout_s=request.get("InvocationTimeoutSeconds") or DEFAULT_TIMEOUT_S,
    )
