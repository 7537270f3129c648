"""TARGET: what the requests go to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_NAME = r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}"
_ENDPOINT = re.compile(rf"endpoint/({_NAME})(?:/variant/({_NAME}))?")
_FUNCTION = re.compile(r"function:([A-Za-z0-9_-]{1,64})(?::(\$LATEST|[A-Za-z0-9_-]{1,128}))?")
_LONGEST_URL = 8192
HELP = (
    "a target is endpoint/NAME, endpoint/NAME/variant/VARIANT, function:NAME, function:NAME:ALIAS, "
    "or a URL that begins with http:// or https://"
)


class TargetError(ValueError):
    """Not a target; the message says what is one."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SageMaker endpoint; with a variant, all requests go to that one."""

    name: str
    variant: str | None = None

    service = "sagemaker-runtime"
    signed_as = "sagemaker"
    method = "POST"

    def __str__(self) -> str:
        return f"endpoint/{self.name}" + (f"/variant/{self.variant}" if self.variant else "")

    @property
    def path(self) -> str:
        """Of InvokeEndpoint."""
        return f"/endpoints/{quote(self.name)}/invocations"

    @property
    def headers(self) -> dict[str, str]:
        """What InvokeEndpoint is asked besides."""
        return {"X-Amzn-SageMaker-Target-Variant": self.variant} if self.variant else {}


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function, or a version or an alias of it."""

    name: str
    qualifier: str | None = None

    service = "lambda"
    signed_as = "lambda"
    method = "POST"

    def __str__(self) -> str:
        return f"function:{self.name}" + (f":{self.qualifier}" if self.qualifier else "")

    @property
    def path(self) -> str:
        """Of Invoke."""
        qualifier = f"?Qualifier={quote(self.qualifier, safe='')}" if self.qualifier else ""
        return f"/2015-03-31/functions/{quote(self.name)}/invocations{qualifier}"

    @property
    def headers(self) -> dict[str, str]:
        """What Invoke is asked besides.

        The log's tail ends with the REPORT line, and that has the Init Duration of a cold start: nothing
        else tells a client which invocations were cold.
        """
        return {"X-Amz-Invocation-Type": "RequestResponse", "X-Amz-Log-Type": "Tail"}


@dataclass(frozen=True, slots=True)
class Url:
    """Any HTTP server: a stage of an API, a function's URL."""

    url: str

    def __str__(self) -> str:
        return self.url


Target = Endpoint | Function | Url


def parse_target(text: str) -> Target:
    """Return what a TARGET names.

    Raises:
        TargetError: It names nothing that can be sent to.
    """
    if found := _ENDPOINT.fullmatch(text):
        return Endpoint(found[1], found[2])
    if found := _FUNCTION.fullmatch(text):
        return Function(found[1], found[2])
    if not text.lower().startswith(("http://", "https://")):
        raise TargetError(f"{text[:80]!r} is no target: {HELP}")
    # What a URL may not hold would end the request's line or begin another header.
    if len(text) > _LONGEST_URL or not text.isascii() or re.search(r"[\x00-\x20\x7f]", text):
        raise TargetError("the URL is too long, or has spaces or characters that need %-encoding")
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise TargetError(f"{text[:80]!r} is no URL: {error}") from None
    if not has_host or parts.username is not None:
        raise TargetError(f"{text[:80]!r} is no URL: it needs a host, and no user name")
    return Url(text)
