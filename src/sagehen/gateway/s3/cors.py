"""CORS of S3 buckets: preflight requests are answered from the bucket's rules, actual answers carry them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.domain.ids import host_id
from sagehen.domain.ports.storage.buckets import BucketDirectory
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.addressing import Target
from sagehen.protocol.http import HttpResponse

Rule = Mapping[str, Any]
# Ours. A browser names some twenty; anybody may ask, unsigned, and each is compared with each pattern.
_MOST_ASKED = 100
# Recorded, as are the texts of refusals ("evalution" is S3's own).
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def is_preflight(incoming: Incoming) -> bool:
    """Tell whether a request asks what a browser may send. S3 has no other use for OPTIONS."""
    return incoming.method == "OPTIONS"


def preflight(incoming: Incoming, buckets: BucketDirectory, target: Target) -> HttpResponse:
    """Answer a preflight request.

    Raises:
        Refusal: `BadRequest` without the headers of one, `AccessForbidden` where no rule matches.
    """
    origin = incoming.headers.get("origin")
    method = incoming.headers.get("access-control-request-method")
    if not origin:
        text = "Insufficient information. Origin request header needed."
        raise Refusal("BadRequest", text, 400)
    bucket = target.bucket
    if bucket and buckets.owner(bucket) is None:
        raise _forbidden("CORSResponse: Bucket not found", method or incoming.method, "BUCKET")
    rules = buckets.cors_rules(bucket) if bucket else None
    if not rules:
        text = "CORSResponse: CORS is not enabled for this bucket."
        raise _forbidden(text, method or incoming.method, "BUCKET")
    if not method:
        text = "Insufficient information. Invalid Access-Control-Request-Method: null."
        raise Refusal("BadRequest", text, 400)
    asked = _asked(incoming)
    rule = matching_rule(rules, origin, method, asked)
    if rule is None:
        text = (
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
            "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers "
            "are not whitelisted by the resource's CORS spec."
        )
        raise _forbidden(text, method, "OBJECT" if target.key else "BUCKET")
    headers = _allowance(rule, origin)
    if asked:
        headers["Access-Control-Allow-Headers"] = ", ".join(asked)
    headers |= {"x-amz-request-id": incoming.request_id, "x-amz-id-2": host_id(incoming.request_id)}
    return HttpResponse(200, headers)


def response_headers(incoming: Incoming, buckets: BucketDirectory, bucket: str) -> Mapping[str, str]:
    """Return what an actual answer to a cross-origin request adds; nothing where no rule matches."""
    origin = incoming.headers.get("origin")
    if not origin or not bucket:
        return {}
    # A client that tells here too which headers it wants gets nothing where it may not send them (recorded).
    rule = matching_rule(buckets.cors_rules(bucket) or (), origin, incoming.method, _asked(incoming))
    return {} if rule is None else _allowance(rule, origin)


def matching_rule(rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str]) -> Rule | None:
    """Return the first rule that allows this origin, method, and all of these headers."""
    if len(headers) > _MOST_ASKED:
        return None
    for rule in rules:
        if any(_fits(pattern, origin) for pattern in rule.get("AllowedOrigins", ())) and (
            method in rule.get("AllowedMethods", ())
        ):
            allowed = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())]
            if all(any(_fits(pattern, name) for pattern in allowed) for name in headers):
                return rule
    return None


def _fits(pattern: str, text: str) -> bool:
    """Match a pattern that may hold one `*` (documented; PutBucketCors refuses two)."""
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
    # Browsers take credentials for an origin by name only (Fetch standard); S3 answers so (recorded).
    if "*" in rule.get("AllowedOrigins", ()):
        headers["Access-Control-Allow-Origin"] = "*"
        del headers["Access-Control-Allow-Credentials"]
    # Preflights and answers carry both (recorded).
    if (age := rule.get("MaxAgeSeconds")) is not None:
        headers["Access-Control-Max-Age"] = str(age)
    if exposed := rule.get("ExposeHeaders"):
        headers["Access-Control-Expose-Headers"] = ", ".join(exposed)
    return headers


def _asked(incoming: Incoming) -> list[str]:
    text = incoming.headers.get("access-control-request-headers", "")
    return [name for part in text.split(",") if (name := part.strip().lower())]


def _forbidden(message: str, method: str, resource_type: str) -> Refusal:
    return Refusal("AccessForbidden", message, 403, Method=method, ResourceType=resource_type)
