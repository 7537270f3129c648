"""The step that undoes virtual hosts: `bucket.s3.region.amazonaws.com/key` becomes `/bucket/key`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.claim import Claim
from sagehen.protocol.identification.host_names import s3_host
from sagehen.protocol.identification.identify import is_s3_control


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request points, path-style.

    Args:
        path: Percent-encoded; begins with `/`.
        virtual_host: The bucket came from the Host header.
    """

    path: str
    virtual_host: bool = False

    @property
    def bucket(self) -> str:
        """The bucket, if this is a request of S3's; '' for the service itself."""
        return unquote(self.path[1:].partition("/")[0])

    @property
    def key(self) -> str:
        return unquote(self.path[1:].partition("/")[2])


def target_of(incoming: Incoming, claim: Claim | None) -> Target:
    """Return where a request points. Only requests that are S3's, or unsigned, can name a bucket by host."""
    if claim is None or claim.service in ("s3", "s3express", ""):
        host = s3_host(incoming.host_name)
        if is_s3_control(incoming.path, incoming.headers, incoming.host_name):
            return Target(incoming.path)  # what stands before its host is an account
        if host is not None and host.bucket:
            # The root of such a host is the bucket itself, as `/bucket` is; `/bucket/` would be an empty key.
            path = incoming.path if incoming.path != "/" else ""
            return Target(f"/{host.bucket}{path}", virtual_host=True)
    return Target(incoming.path)
