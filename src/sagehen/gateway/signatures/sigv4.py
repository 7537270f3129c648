"""Signature Version 4 as arithmetic: canonical requests, signing keys, signatures.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote, unquote

EMPTY_SHA256 = sha256(b"").hexdigest()
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_KEYS_HELD = 4096


class SigningKeys:
    """Derived signing keys; deriving one costs four HMACs, so those in use are kept."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str, str, str], bytes] = {}

    def key(self, secret: str, date: str, region: str, service: str) -> bytes:
        """Return the key of one day, region and service."""
        identity = (secret, date, region, service)
        found = self._keys.get(identity)
        if found is None:
            if len(self._keys) >= _KEYS_HELD:
                self._keys.clear()  # scopes come from clients, verified or not: bound what they can fill
            found = signing_key(secret, date, region, service)
            self._keys[identity] = found
        return found


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Derive the key of one day (`YYYYMMDD`), region and service from a secret: four HMACs."""
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode("latin-1"), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    """Return the hexadecimal HMAC of `text`."""
    return hmac.digest(key, text.encode("latin-1"), "sha256").hex()


def same(one: str, other: str) -> bool:
    """Compare signatures in constant time."""
    return hmac.compare_digest(one.encode("latin-1"), other.encode("latin-1"))


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed_headers: Sequence[str],
    payload_hash: str,
    *,
    single_encoding: bool,
) -> str:
    """Return the canonical request.

    Args:
        method: Upper case.
        path: As sent.
        query: As sent, without the signature's own parameter.
        headers: Lower-case names.
        signed_headers: In the claim's order.
        payload_hash: The hash, or the word that stands for it.
        single_encoding: S3 encodes the path once and keeps its dots and slashes; everybody else
            normalizes it and encodes it twice.
    """
    lines = [method, canonical_path(path, single_encoding), canonical_query(query)]
    for name in signed_headers:
        value = headers.get(name, "").strip()
        if "  " in value or "\t" in value:  # documented: sequential blanks become one
            value = " ".join(value.split())
        lines.append(f"{name}:{value}")
    lines += ("", ";".join(signed_headers), payload_hash)
    return "\n".join(lines)


def canonical_path(path: str, single_encoding: bool) -> str:
    """Return the path as it is signed; see `canonical_request` for `single_encoding`."""
    if path in ("/", ""):
        return "/"
    if single_encoding:
        # Decoded and encoded again: clients differ in what they leave bare (parentheses, commas).
        return quote(unquote(path, "latin-1"), safe="/~", encoding="latin-1")
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment and segment != ".":
            kept.append(segment)
    normalized = "/" + "/".join(kept) + ("/" if path.endswith("/") and kept else "")
    return quote(normalized, safe="/~")


def canonical_query(query: str) -> str:
    """Return the query as it is signed: decoded, encoded as AWS does, sorted by name and value."""
    if not query:
        return ""
    pairs = []
    for pair in query.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        pairs.append((_encode(name), _encode(value)))
    pairs.sort()
    return "&".join(f"{name}={value}" for name, value in pairs)


def _encode(text: str) -> str:
    # Documented: all but RFC 3986's unreserved characters; `+` stays a plus, for no form wrote it.
    return quote(unquote(text, "latin-1"), safe="-_.~", encoding="latin-1")


def string_to_sign(timestamp: str, scope: str, canonical: str) -> str:
    """Return what the key signs: time (`YYYYMMDDTHHMMSSZ`), scope, and the canonical request's hash."""
    digest = sha256(canonical.encode("latin-1")).hexdigest()
    return f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"


def without_signature(query: str) -> str:
    """Return a presigned query without the parameter that carries its signature."""
    return "&".join(pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
