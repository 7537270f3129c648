"""A connection of the agent's: frames to whoever asked, held to a bound while he does not read."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

_MOST_HELD_BYTES = 1 << 20
PIECE_BYTES = 65536


class Connection:
    """One, non-blocking. A frame is a kind, four bytes of length, the content.

    Args:
        connection: The socket.
        on_close: Called once, when it is over.
    """

    def __init__(self, connection: socket.socket, on_close: Callable[[], None]) -> None:
        self._socket: socket.socket | None = connection
        self._on_close = on_close
        self._held = bytearray()

    @property
    def socket(self) -> socket.socket | None:
        """What is watched; None once it is closed."""
        return self._socket

    @property
    def holds(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._held)

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nothing more is to be said before he has read."""
        return self._socket is not None and len(self._held) > _MOST_HELD_BYTES

    def say(self, kind: bytes, content: bytes) -> None:
        """Hold a frame for `flush`; nothing where nobody listens any more."""
        if self._socket is not None:
            self._held += kind + struct.pack("!I", len(content)) + content

    def flush(self) -> bool:
        """Send what can be sent; False where nobody takes it any more."""
        try:
            while self._held and self._socket is not None:
                del self._held[: self._socket.send(self._held[:PIECE_BYTES])]
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    def read(self) -> bytes | None:
        """Return what came; None where nothing has, b'' at its end."""
        assert self._socket is not None
        try:
            return self._socket.recv(PIECE_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def close(self) -> None:
        """End it; what is held goes nowhere."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            self._on_close()
        self._held.clear()
