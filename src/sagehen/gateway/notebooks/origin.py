"""Whether a request comes from the notebook's own page or its user's hand, or from somebody else's page.

A browser sends the cookie with what any page of any origin asks for. SameSite does not help among notebooks:
all names below one region of `localhost` are one site to a browser. So whatever a browser says of where a
request comes from must be the notebook itself; what a person typed or followed may come from anywhere, but
only opens a page. Programs that are no browser say nothing, and have nothing that another page could use.

Source: Fetch Metadata Request Headers (W3C), RFC 6454, RFC 6455 section 10.2.
"""

from __future__ import annotations

from collections.abc import Mapping

# Nothing is changed by these in any server that keeps to RFC 9110 (9.2.1).
_SAFE = ("GET", "HEAD")


def is_own(method: str, headers: Mapping[str, str], *, secure: bool) -> bool:
    """Tell whether a request may use the cookie that it brought.

    Args:
        method: Upper case.
        headers: By lower-case name, with `host`.
        secure: It came over TLS.
    """
    own = f"{'https' if secure else 'http'}://{headers.get('host', '').lower()}"
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin.lower() != own:
        return False
    if site in (None, "same-origin", "none"):
        return True
    # From another site: a link that somebody followed, shown in a window of its own.
    return (
        method in _SAFE
        and origin is None
        and "upgrade" not in headers
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
