"""Where a website's rules send a request: pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect that is to be answered."""

    status: int
    location: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as rules see it.

    Args:
        scheme: `http` or `https`.
        host: The Host header, port included.
        key: The path without its first slash, decoded.
    """

    scheme: str
    host: str
    key: str


def redirect_of_everything(target: Mapping[str, Any], asked: Asked, path: str) -> Redirect:
    """Return the redirect of RedirectAllRequestsTo; `path` is as sent, with its query."""
    return Redirect(301, f"{target.get('Protocol') or asked.scheme}://{target['HostName']}{path}")


def redirect_by_rule(
    rules: Sequence[Mapping[str, Any]], asked: Asked, error: int | None = None
) -> Redirect | None:
    """Return what the first fitting rule does.

    Args:
        rules: RoutingRules in their order.
        asked: The request.
        error: The status that it would be answered with; None before anything was looked for. Rules with
            an error code fit only then, rules without one only before.
    """
    for rule in rules:
        condition = rule.get("Condition") or {}
        prefix, code = condition.get("KeyPrefixEquals"), condition.get("HttpErrorCodeReturnedEquals")
        if (code is None) != (error is None) or (code is not None and code != str(error)):
            continue
        if prefix is None or asked.key.startswith(prefix):
            return _followed(rule["Redirect"], prefix or "", asked)
    return None


def _followed(redirect: Mapping[str, Any], prefix: str, asked: Asked) -> Redirect:
    key = asked.key
    if (whole := redirect.get("ReplaceKeyWith")) is not None:
        key = whole
    elif (replaced := redirect.get("ReplaceKeyPrefixWith")) is not None:
        key = replaced + key.removeprefix(prefix)
    scheme, host = redirect.get("Protocol") or asked.scheme, redirect.get("HostName") or asked.host
    return Redirect(int(redirect.get("HttpRedirectCode") or 301), f"{scheme}://{host}/{quote(key)}")


def index_key(key: str, suffix: str) -> str:
    """Return the key of what is served for a path: of a folder, its index document."""
    return key + suffix if not key or key.endswith("/") else key
