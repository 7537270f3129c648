"""Tokens: what stands for an access key towards the registry's own protocol, and URLs of layers.

Nothing is stored of a token but the key that seals all of them: it names an access key, and whoever that
proves when the token is used is who asks. So a key that is deleted takes its tokens with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.identities import Identities
from sagehen.domain.scope import Scope
from sagehen.services.ecr.repositories.records import Records

# Documented: GetAuthorizationToken.
TOKEN_S = 12 * 3600
_SEALING_KEY = "tokens"
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token stands for.

    Args:
        scope: The registry that it was made for.
    """

    principal: Principal
    scope: Scope


class TokenExpired(Exception):
    """It was ours, and its time is over."""


class Tokens:
    """Makes and reads tokens.

    Args:
        records: Where the sealing key is.
        identities: Whom an access key proves.
        clock: By which they expire.
    """

    def __init__(self, records: Records, identities: Identities, clock: Clock) -> None:
        self._records = records
        self._identities = identities
        self._clock = clock

    async def make(self, principal: Principal, scope: Scope) -> tuple[str, datetime]:
        """Return a password for the user `AWS`, and when it expires: never later than its access key does."""
        expires = self._clock.now() + timedelta(seconds=TOKEN_S)
        key = self._identities.signing_key(principal.access_key_id)
        if key is not None and key.credentials.expiration is not None:
            expires = min(expires, key.credentials.expiration)
        until = int(expires.timestamp())
        payload = {
            "key": principal.access_key_id, "account": scope.account_id, "region": scope.region,
            "expiration": until,
        }  # fmt: skip
        text = base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode()
        await self._ensure()
        return f"{text}.{self._seal(text)}", datetime.fromtimestamp(until, UTC)

    def read(self, password: str) -> Bearer | None:
        """Return who asks with a password; None for one that is not ours, or whose key is gone.

        Raises:
            TokenExpired.
        """
        text, _, seal = password.partition(".")
        if len(password) > _LONGEST or not self._is_sealed(text, seal):
            return None
        try:
            payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
        except (ValueError, binascii.Error):
            return None
        if payload.get("expiration", 0) <= self._clock.now().timestamp():
            raise TokenExpired
        key = self._identities.signing_key(payload["key"])
        if key is None or not key.active:
            return None
        return Bearer(key.principal, Scope(payload["account"], payload["region"]))

    async def url_query(self, scope: Scope, repository: str, digest: str, seconds: int) -> str:
        """Return the query by which a layer may be fetched by whoever has it."""
        await self._ensure()
        expires = int(self._clock.now().timestamp()) + seconds
        text = f"{scope.account_id}/{scope.region}/{expires}"
        return urlencode({"layer": text, "seal": self._seal(f"{text}/{repository}/{digest}")})

    def of_url(self, text: str, seal: str, repository: str, digest: str) -> Scope | None:
        """Return the registry of a layer's URL, where that is ours and its time is not over."""
        if len(text) > _LONGEST or not self._is_sealed(f"{text}/{repository}/{digest}", seal):
            return None
        account_id, region, expires = text.split("/")
        return None if int(expires) <= self._clock.now().timestamp() else Scope(account_id, region)

    async def _ensure(self) -> None:
        if self._records.secret(_SEALING_KEY) is None:
            made = secrets.token_hex(32)
            await self._records.change(lambda writing: writing.put_secret(_SEALING_KEY, made))

    def _seal(self, text: str) -> str:
        secret = self._records.secret(_SEALING_KEY)
        assert secret is not None
        return hmac.new(bytes.fromhex(secret), text.encode(), hashlib.sha256).hexdigest()

    def _is_sealed(self, text: str, seal: str) -> bool:
        if self._records.secret(_SEALING_KEY) is None:
            return False
        return hmac.compare_digest(self._seal(text).encode(), seal.encode("utf-8", "replace"))
