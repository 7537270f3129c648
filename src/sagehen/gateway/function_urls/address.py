"""Which requests are for function URLs.

{id}.lambda-url.{region}.on.aws/…                through the proxy door
{id}.lambda-url.{region}.localhost[:port]/…      or .localhost.localstack.cloud
/_aws/lambda-url/{id}/…                          on any host
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.identification.host_names import function_url_labels
from sagehen.services.lambda_.urls.addresses import BY_PATH

_LONGEST_ID = 63


@dataclass(frozen=True, slots=True)
class UrlCall:
    """Where a request to a function URL points.

    Args:
        url_id: Of the URL.
        region: As the host name tells; '' where it tells none.
        domain: The host name, where it tells the URL; else ''.
        path: Still encoded; begins with `/`.
    """

    url_id: str
    region: str
    domain: str
    path: str


def recognize(incoming: Incoming) -> UrlCall | None:
    """Return where the request points, or None for everything that is no request to a function URL."""
    labels = function_url_labels(incoming.host_name)
    if labels is not None:
        return UrlCall(*labels, incoming.host_name, incoming.path)
    if incoming.path.startswith(BY_PATH):
        url_id, _, below = incoming.path[len(BY_PATH) :].partition("/")
        # What is asked for is remembered, whether it is there or not: no id is longer than a label.
        url_id = url_id if len(url_id) <= _LONGEST_ID else ""
        return UrlCall(url_id, "", "", f"/{below}")
    return None
