"""Search: what nobody declared is looked for among all of AWS's operations, so that a 501 can name it."""

from __future__ import annotations

import asyncio

from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.claim import Claim
from sagehen.protocol.identification.every_service import EveryService
from sagehen.protocol.identification.identify import Identified

# Each may read a model, up to 50 ms: whoever comes after so many had better come again.
_MOST_SEARCHES = 64


class Search:
    """Searches in a thread, one request after the other."""

    def __init__(self) -> None:
        self._every_service = EveryService()
        self._searching = asyncio.Lock()
        self._searches = 0

    async def identify(
        self, incoming: Incoming, path: str, claim: Claim | None, form: bytes
    ) -> Identified | None:
        """Find a request's operation; None where AWS has none either. Arguments as `OperationTable.find`.

        Raises:
            Refusal: ServiceUnavailable, where too many others search.
        """
        if self._searches >= _MOST_SEARCHES:
            raise Refusal("ServiceUnavailable", "Please reduce your request rate.", 503)
        self._searches += 1
        try:
            async with self._searching:
                return await asyncio.to_thread(
                    self._every_service.identify,
                    method=incoming.method,
                    path=path,
                    query=incoming.query,
                    headers=incoming.headers,
                    signing_name=claim.service if claim and claim.service else None,
                    host=incoming.host_name,
                    body=form,
                )
        finally:
            self._searches -= 1
