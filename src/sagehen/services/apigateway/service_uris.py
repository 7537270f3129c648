"""The URIs by which API Gateway names a backend of AWS, and the Lambda function in one.

`arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations`; the function
may hold `${stageVariables.NAME}` holes, which are filled when the API is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.domain.arn import Arn

SERVICE_URI = re.compile(
    r"arn:[\w-]+:apigateway:([\w-]+):(?:([\w-]+)\.)?([\w-]+):(path|action)/(.*)", re.DOTALL
)
_INVOCATION = re.compile(r"path/2015-03-31/functions/(?P<function>.+)/invocations")
_HOLE = re.compile(r"\$\{stageVariables\.[a-zA-Z0-9_]+\}")
_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
STREAMING = "path/2021-11-15/functions/"


@dataclass(frozen=True, slots=True)
class ServiceUri:
    """`service` as the URI says it (`lambda`), `target`: `path/...` or `action/...`."""

    service: str
    target: str

    @property
    def function(self) -> str | None:
        """The function's ARN, or None where this is no well-formed invocation of one."""
        match = _INVOCATION.fullmatch(self.target)
        if match is None or self.service != "lambda":
            return None
        filled = _HOLE.sub("x", match["function"])
        return match["function"] if _FUNCTION.fullmatch(filled) or filled == "x" else None


def parse_service_uri(uri: str) -> ServiceUri | None:
    """Take a service URI apart; None where it is no ARN of API Gateway."""
    try:
        arn = Arn.parse(uri)
    except ValueError:
        return None
    if arn.service != "apigateway":
        return None
    # The place of the account holds the service (and its subdomain: `ID.dkr` for some).
    return ServiceUri(arn.account_id.rpartition(".")[2], arn.resource)


def fault_of_service_uri(uri: str) -> str | None:
    """Say why an AWS integration's URI cannot be carried out here; None if it can.

    For PutIntegration: what the data plane cannot do is refused there.
    """
    match = SERVICE_URI.fullmatch(uri)
    if match is None:
        return "Invalid ARN specified in the request"
    if match.group(3) == "execute-api":
        return "An API cannot stand behind an API as an AWS service: use its URL"
    if match.group(4) == "action":
        return "Integrations by action are not implemented: use the service's path"
    return None
