"""Which requests are for a registry.

https://{account}.dkr.ecr.{region}.amazonaws.com/v2/…    through the proxy door
http://127.0.0.1:4566/v2/…                               the registry that the token was made for
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.identification.host_names import is_bare, registry_labels


@dataclass(frozen=True, slots=True)
class RegistryCall:
    """A request to a registry.

    Args:
        registry: As the host name tells; None where it tells none.
    """

    registry: Scope | None


def recognize(incoming: Incoming) -> RegistryCall | None:
    """Return which registry is meant, or None for everything that is no request to one.

    No bucket is called v2, which is too short; AWS's own paths that begin so are signed for their services.
    """
    if labels := registry_labels(incoming.host_name):
        return RegistryCall(Scope(*labels))
    if not (incoming.path == "/v2" or incoming.path.startswith("/v2/")):
        return None
    signed = incoming.headers.get("authorization", "").startswith("AWS") or "X-Amz-" in incoming.query
    return RegistryCall(None) if is_bare(incoming.host_name) and not signed else None
