"""Identity tokens: JSON Web Tokens of an OIDC provider, taken apart and verified. Pure, but for PyJWT.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, and
its texts as clients report them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.services.iam.errors import InvalidIdentityToken

# Asymmetric only: a shared secret would be one that the issuer publishes.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
# 8192 bits of RSA in base64: longer ones only cost time.
_MAX_MODULUS = 1400
# Documented: STS API Reference, AssumeRole, Tags: 50 of them, keys of 128 and values of 256 characters.
_MAX_TAGS, _MAX_TAGS_BYTES = 50, 20_000
# Beyond any calendar.
_LATEST = 1e12


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A token as it is written; nothing of it is true before `verify`."""

    text: str
    algorithm: str
    key_id: str | None
    claims: Mapping[str, Any]

    @property
    def issuer(self) -> str:
        return _text(self.claims, "iss")

    @property
    def subject(self) -> str:
        return _text(self.claims, "sub")

    @property
    def audiences(self) -> tuple[str, ...]:
        value = self.claims.get("aud")
        found = value if isinstance(value, list) else [value]
        return tuple(each for each in found if isinstance(each, str))

    @property
    def authorized_party(self) -> str | None:
        value = self.claims.get("azp")
        return value if isinstance(value, str) else None


def read_token(text: str) -> IdentityToken:
    """Take a token apart without believing it.

    Raises:
        InvalidIdentityToken
    """
    import jwt

    fault = InvalidIdentityToken(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    )
    try:
        header = jwt.get_unverified_header(text)
        claims = jwt.decode(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise fault from None
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise fault
    token = IdentityToken(text, str(header.get("alg")), key_id, claims)
    for name in ("iss", "sub"):
        if not isinstance(claims.get(name), str):
            raise InvalidIdentityToken(f"Missing a required claim: {name}")
    if not token.audiences:
        raise InvalidIdentityToken("Missing a required claim: aud")
    if not _is_time(claims.get("exp")):
        raise InvalidIdentityToken("Missing a required claim: exp")
    if "nbf" in claims and not _is_time(claims["nbf"]):
        raise fault
    return token


def verify(token: IdentityToken, keys: Sequence[Mapping[str, Any]]) -> None:
    """Check the signature with the issuer's keys. Takes milliseconds of CPU.

    Raises:
        InvalidIdentityToken: None of them made it.
    """
    import jwt

    if token.algorithm not in ALGORITHMS:
        raise InvalidIdentityToken("The ID Token's algorithm is not supported")
    # Times are the caller's business: they are of the platform's clock.
    options: Any = {name: False for name in ("verify_exp", "verify_nbf", "verify_iat", "verify_aud")}
    for key in keys:
        if len(str(key.get("n", ""))) > _MAX_MODULUS or key.get("use", "sig") != "sig":
            continue
        try:
            public = jwt.PyJWK(dict(key), algorithm=token.algorithm).key
            jwt.decode(token.text, public, algorithms=[token.algorithm], options=options)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        return
    raise InvalidIdentityToken("Invalid signature")


def session_tags_of(token: IdentityToken) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the session tags that the issuer gives, and which of them are transitive.

    Raises:
        InvalidIdentityToken: The claim is not as AWS wants it.
    """
    claim = token.claims.get("https://aws.amazon.com/tags") or {}
    try:
        tags = {str(key): str(values[0]) for key, values in (claim.get("principal_tags") or {}).items()}
        transitive = tuple(str(key) for key in claim.get("transitive_tag_keys") or ())
    except (AttributeError, LookupError, TypeError):
        raise InvalidIdentityToken("The tags of the ID Token are not valid") from None
    if len(tags) > _MAX_TAGS or len(json.dumps(tags)) > _MAX_TAGS_BYTES:
        raise InvalidIdentityToken("The tags of the ID Token are not valid")
    return tags, transitive


def _is_time(value: Any) -> bool:
    """Tell whether a claim is a number of seconds; JSON's reader also takes NaN and endless ones."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LATEST


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
