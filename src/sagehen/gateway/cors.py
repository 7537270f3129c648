"""CORS of S3 buckets: preflight requests are answered from the bucket's rules, actual answers carry them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.domain.ports import BucketDirectory
from sagehen.gateway.incoming import Incoming
from sagehen.gateway.refusals import Refusal
from sagehen.protocol.http import HttpResponse

Rule = Mapping[str, Any]
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def is_preflight(incoming: Incoming) -> bool:
    return incoming.method == "OPTIONS"


def preflight(incoming: Incoming, buckets: BucketDirectory, bucket: str) -> HttpResponse:
    """Answer a preflight request.

    Raises:
        Refusal: `BadRequest` without the headers of one, `AccessForbidden` where no rule matches.
    """
    origin = incoming.headers.get("origin")
    method = incoming.headers.get("access-control-request-method")
    if not origin or not method:
        missing = (
            "Origin request header needed" if not origin else "Invalid Access-Control-Request-Method: null"
        )
        raise Refusal("BadRequest", f"Insufficient information. {missing}.", 400)
    rules = buckets.cors_rules(bucket) if bucket else None
    if not rules:
        raise _forbidden("CORSResponse: CORS is not enabled for this bucket.", method)
    asked = _names(incoming.headers.get("access-control-request-headers", ""))
    rule = matching_rule(rules, origin, method, asked)
    if rule is None:
        text = (
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
            "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers "
            "are not whitelisted by the resource's CORS spec."
        )
        raise _forbidden(text, method)
    headers = _allowance(rule, origin)
    if asked:
        headers["Access-Control-Allow-Headers"] = ", ".join(asked)
    if (age := rule.get("MaxAgeSeconds")) is not None:
        headers["Access-Control-Max-Age"] = str(age)
    return HttpResponse(200, headers)


def response_headers(incoming: Incoming, buckets: BucketDirectory, bucket: str) -> Mapping[str, str]:
    """Return what an actual answer to a cross-origin request adds; nothing where no rule matches."""
    origin = incoming.headers.get("origin")
    if not origin or not bucket:
        return {}
    rule = matching_rule(buckets.cors_rules(bucket) or (), origin, incoming.method, ())
    if rule is None:
        return {}
    headers = _allowance(rule, origin)
    if exposed := rule.get("ExposeHeaders"):
        headers["Access-Control-Expose-Headers"] = ", ".join(exposed)
    return headers


def matching_rule(rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str]) -> Rule | None:
    """Return the first rule that allows this origin, method, and all of these headers."""
    for rule in rules:
        if (
            any(_fits(pattern, origin) for pattern in rule.get("AllowedOrigins", ()))
            and method in rule.get("AllowedMethods", ())
            and all(
                any(_fits(pattern.lower(), name) for pattern in rule.get("AllowedHeaders", ()))
                for name in headers
            )
        ):
            return rule
    return None


def _fits(pattern: str, text: str) -> bool:
    """Match a pattern that may hold one `*`."""
    before, star, after = pattern.partition("*")
    if not star:
        return pattern == text
    return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)


def _allowance(rule: Rule, origin: str) -> dict[str, str]:
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": ", ".join(rule.get("AllowedMethods", ())),
        "Access-Control-Allow-Credentials": "true",
        "Vary": _VARY,
    }
    if "*" in rule.get("AllowedOrigins", ()):
        headers["Access-Control-Allow-Origin"] = "*"
        del headers["Access-Control-Allow-Credentials"]
    return headers


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip().lower())]


def _forbidden(message: str, method: str) -> Refusal:
    return Refusal("AccessForbidden", message, 403, Method=method, ResourceType="BUCKET")
