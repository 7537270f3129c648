"""AsyncSettings: where an asynchronous endpoint's answers go, and how many requests an instance gets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A prefix in a bucket; it may be empty."""

    bucket: str
    prefix: str

    def uri(self, name: str) -> str:
        """Return the S3 URI of what lies there by that name."""
        return f"s3://{self.bucket}/{self.key(name)}"

    def key(self, name: str) -> str:
        """Return its key."""
        return f"{self.prefix.rstrip('/')}/{name}".lstrip("/")


@dataclass(frozen=True, slots=True)
class AsyncSettings:
    """What the data plane has to know of one deployment.

    Args:
        outputs: Where answers go.
        failures: Where errors go; None: nowhere but into the log.
        concurrency: Requests at one instance at a time.
        kms_key_id: Encrypts both; None leaves that to the bucket.
    """

    outputs: Place
    failures: Place | None
    concurrency: int
    kms_key_id: str | None = None
