"""Downloads: URLs from which a package can be fetched for ten minutes, without a signature of AWS's.

`Code.Location` and a layer's `Content.Location` are presigned URLs of AWS's own buckets. Ours lead
to a page of the platform, which `app` adds; what stands in them is sealed with a key that lives as
long as the process.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from sagehen.api.context import RequestContext
from sagehen.api.streams import FileSlice
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.code.store import CodeStore

PAGE = "/_sagehen/lambda-code"
# Documented: GetFunction, "a link to download the deployment package that's valid for 10 minutes".
_VALID_S = 600


class Downloads:
    """Makes URLs of packages and resolves them. The key is drawn at every start: older URLs are void then."""

    def __init__(self, store: CodeStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._key = ids.hex(64).encode()

    def url(self, context: RequestContext, sha: str) -> str:
        """Return a URL for a package, on the host by which the client reached us."""
        expires = int(self._clock.now().timestamp()) + _VALID_S
        query = urlencode({"sha": sha, "expires": expires, "seal": self._seal(sha, str(expires))})
        return f"{'https' if context.secure else 'http'}://{context.host}{PAGE}?{query}"

    def package(self, query: Mapping[str, str]) -> FileSlice | None:
        """Return the package that a URL's query names; None if it is not ours, or too old."""
        sha, expires, seal = query.get("sha", ""), query.get("expires", ""), query.get("seal", "")
        if not hmac.compare_digest(self._seal(sha, expires).encode(), seal.encode()):
            return None
        file = self._store.package_file(sha)
        if int(expires) < self._clock.now().timestamp() or not file.exists():
            return None
        return FileSlice(file, 0, file.stat().st_size)

    def _seal(self, sha: str, expires: str) -> str:
        return hmac.new(self._key, f"{sha} {expires}".encode(), hashlib.sha256).hexdigest()
