"""The URIs by which API Gateway names a backend of AWS, and the Lambda function in one.

`arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations`; the function
may hold `${stageVariables.NAME}` holes, which are filled when the API is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sagehen.domain.arn import Arn

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
