"""The keys that an issuer signs with, fetched from where its discovery document says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.services.iam.federation.documents import Unreadable, read_document

# Issuers publish a handful; each more is one more signature to try.
_MAX_KEYS = 64
# Keys are asked for again after this, or when a token names one that is not among them.
_FRESH_S = 300.0
# Whoever holds a token's text may make us ask, unsigned: so a failure is remembered as well.
_RETRY_S = 5.0
_REMEMBERED = 100

Key = Mapping[str, Any]


class IssuerUnreachable(Exception):
    """The issuer did not answer, or not with a document of keys."""


class IssuerKeys:
    """Keys by issuer URL, remembered for five minutes of the platform's clock.

    An issuer is asked by one caller at a time; who comes meanwhile waits for the same answer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, list[Key] | None]] = {}
        self._asking: dict[str, asyncio.Task[list[Key]]] = {}

    async def find(self, issuer: str, key_id: str | None) -> list[Key]:
        """Return the issuer's keys of that id; all of them where the token names none.

        Raises:
            IssuerUnreachable
        """
        now = self._clock.now().timestamp()
        fetched_at, keys = self._kept.get(issuer, (0.0, None))
        found = _of_id(keys or [], key_id)
        if 0 <= now - fetched_at < (_FRESH_S if found else _RETRY_S):
            if keys is None:
                raise IssuerUnreachable("it was asked a moment ago")
            return found
        task = self._asking.get(issuer)
        if task is None:
            self._asking[issuer] = task = asyncio.create_task(self._ask(issuer, now), name="issuer-keys")
            task.add_done_callback(_look_at)  # also where every caller has gone away
        # A caller who goes away does not take the answer from the others.
        return _of_id(await asyncio.shield(task), key_id)

    async def _ask(self, issuer: str, now: float) -> list[Key]:
        keys: list[Key] | None = None
        try:
            keys = await _fetch_keys(issuer)
        finally:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            self._kept[issuer] = (now, keys)
            del self._asking[issuer]
        return keys


def _look_at(task: asyncio.Task[list[Key]]) -> None:
    if not task.cancelled():
        task.exception()


def _of_id(keys: list[Key], key_id: str | None) -> list[Key]:
    return [key for key in keys if key_id is None or key.get("kid") == key_id]


async def _fetch_keys(issuer: str) -> list[Key]:
    try:
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        discovery, is_here = await read_document(url, may_be_here=True)
        # An issuer elsewhere does not choose what is asked on this machine.
        document, _ = await read_document(discovery.get("jwks_uri"), may_be_here=is_here)
    except Unreadable as error:
        raise IssuerUnreachable(str(error)) from error
    keys = document.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise IssuerUnreachable("the document has no keys")
    return keys[:_MAX_KEYS]
