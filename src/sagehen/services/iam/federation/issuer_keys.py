"""The keys that an issuer signs with, fetched from where its discovery document says."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sagehen.domain.clock import Clock
from sagehen.services.iam.federation.oidc_providers import is_usable_url

# Bounds against an issuer that is slow, endless or hostile.
_TIMEOUT_S = 5.0
_MAX_BYTES = 256 * 1024
_MAX_KEYS = 64
# Keys are asked for again after this, or when a token names one that is not among them.
_FRESH_S = 300.0
_RETRY_S = 5.0
_REMEMBERED = 100

Key = Mapping[str, Any]


class IssuerUnreachable(Exception):
    """The issuer did not answer, or not with a document of keys."""


class IssuerKeys:
    """Keys by issuer URL, remembered for five minutes of the platform's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, list[Key]]] = {}

    async def find(self, issuer: str, key_id: str | None) -> list[Key]:
        """Return the issuer's keys of that id; all of them where the token names none.

        Raises:
            IssuerUnreachable
        """
        now = self._clock.now().timestamp()
        fetched_at, keys = self._kept.get(issuer, (0.0, []))
        found = _of_id(keys, key_id)
        if now - fetched_at < (_FRESH_S if found else _RETRY_S):
            return found
        keys = await asyncio.to_thread(_fetch_keys, issuer)
        if len(self._kept) >= _REMEMBERED:
            self._kept.clear()
        self._kept[issuer] = (now, keys)
        return _of_id(keys, key_id)


def _of_id(keys: list[Key], key_id: str | None) -> list[Key]:
    return [key for key in keys if key_id is None or key.get("kid") == key_id]


def _fetch_keys(issuer: str) -> list[Key]:
    try:
        discovery = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        keys = _fetch(discovery["jwks_uri"])["keys"]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, RecursionError) as error:
        raise IssuerUnreachable(str(error)) from error
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise IssuerUnreachable("the document has no keys")
    return keys[:_MAX_KEYS]


def _fetch(url: Any) -> dict[str, Any]:
    """Return the JSON object at a URL. Redirects are not followed: they could lead anywhere."""
    if not isinstance(url, str) or not is_usable_url(url):
        raise ValueError(f"not a URL of an issuer: {url!r}")
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, parts.port, timeout=_TIMEOUT_S, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT_S)
    deadline = time.monotonic() + _TIMEOUT_S
    try:
        connection.request("GET", parts.path or "/", headers={"Accept": "application/json"})
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise ValueError(f"the issuer answers {response.status}")
        body = b""
        while piece := response.read1(64 * 1024):
            body += piece
            if len(body) > _MAX_BYTES or time.monotonic() > deadline:
                raise ValueError("the issuer's document is too long, or too slow")
    finally:
        connection.close()
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("the issuer's document is no object")
    return document
