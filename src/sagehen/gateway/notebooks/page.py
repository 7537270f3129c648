"""What somebody sees who is not let in, and how they are sent on."""

from __future__ import annotations

from html import escape

from sagehen.protocol.http import HttpResponse

_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;font:16px/1.55 system-ui,sans-serif;display:grid;"
    "place-items:center;min-height:100vh}main{max-width:34rem;padding:2rem}h1{font-size:1.3rem}"
    "p{overflow-wrap:anywhere}"
)
_TITLES = {
    403: "Not this way",
    404: "Nothing here",
    413: "Too large",
    502: "No answer",
    503: "Not running",
}
# No page frames another, nothing is loaded, nothing remembers where somebody came from: URLs hold tokens.
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


def told(status: int, reason: str) -> HttpResponse:
    """Return a page that says why."""
    title = _TITLES.get(status, "Notebook instance")
    text = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<main><h1>{title}</h1><p>{escape(reason)}</p></main></html>"
    )
    headers = dict(_HEADERS)
    if status == 503:  # whoever waits for it to start sees it start
        headers["Refresh"] = "3"
    return HttpResponse(status, headers, text.encode())


def sent_on(location: str, cookie: str | None = None) -> HttpResponse:
    """Return a redirect.

    Args:
        location: A path of the same host, or a whole URL; header-safe.
        cookie: To be set on the way.
    """
    headers = {**_HEADERS, "Location": location}
    if cookie is not None:
        headers["Set-Cookie"] = cookie
    return HttpResponse(302, headers)
