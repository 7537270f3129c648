"""Which requests are for users' own REST APIs.

{api}.execute-api.{region}.amazonaws.com/{stage}/…     through the proxy door
{api}.execute-api.localhost[:port]/{stage}/…           or .execute-api.localhost.localstack.cloud
/restapis/{api}/{stage}/_user_request_/…               on any host
/_aws/execute-api/{api}/{stage}/…
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.identification.host_names import aws_prefix, local_prefix

_HOST = ".execute-api."
_BY_PATH = "/restapis/"
_MARK = "_user_request_"
_AWS_PATH = "/_aws/execute-api/"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Where a request to an API points; `path` is still encoded and begins with `/`."""

    api_id: str
    stage: str
    path: str


def recognize(incoming: Incoming) -> ApiCall | None:
    """Return where the request points, or None for everything that is no request to an API."""
    path = incoming.path
    name = aws_prefix(incoming.host_name) or local_prefix(incoming.host_name) or ""
    api_id, mark, _ = f"{name}.".partition(_HOST)
    if mark:
        stage, _, below = path.lstrip("/").partition("/")
        return ApiCall(api_id, stage, f"/{below}")
    if path.startswith(_BY_PATH):
        parts = path.split("/", 5)
        if len(parts) >= 5 and parts[4] == _MARK:
            return ApiCall(parts[2], parts[3], f"/{parts[5].lstrip('/') if len(parts) == 6 else ''}")
    elif path.startswith(_AWS_PATH):
        api_id, _, rest = path[len(_AWS_PATH) :].partition("/")
        stage, _, below = rest.partition("/")
        return ApiCall(api_id, stage, f"/{below.lstrip('/')}")
    return None
