"""The kinds of requests to a warm parent, one byte each: what both sides of its socket must agree upon."""

from __future__ import annotations

RUN, MAKE_NETWORK, MAKE_SOCKET, MAKE_DEVICE = b"R", b"N", b"S", b"D"
