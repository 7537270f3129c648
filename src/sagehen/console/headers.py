"""The headers of everything below `/console/`: nothing of other hosts runs there, and nobody frames it."""

from __future__ import annotations

# `style-src` has 'unsafe-inline' for what React components set as an attribute before they are in the
# document, and for the code editor's style elements. Scripts have no such exception: what users name
# (buckets, tags, log lines) is text, and would stay text if a component ever took it for markup.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "manifest-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    # These three are not covered by `default-src`.
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "Referrer-Policy": "no-referrer",
    # Pages that users put into buckets have this origin too: none gets a handle on the console's window.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Names below `assets/` carry a hash of their content. Everything else is asked for anew, and answered 304.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASKED_ANEW = {"Cache-Control": "no-cache"}
