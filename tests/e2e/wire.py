"""Wire: a cable between a node and its platform that can be slow, or cut."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

_PIECE_BYTES = 16 * 1024


class Wire:
    """Takes connections at an address of this machine and passes them on, as a bad network would.

    Args:
        host: Of this machine, not loopback.
        target: Where it leads.
    """

    def __init__(self, host: str, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server((host, 0))
        self._bytes_per_s = 0.0
        self._is_cut = False
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def slow(self, bytes_per_s: float) -> None:
        """Let through so much in each direction of each connection; 0: all there is."""
        self._bytes_per_s = bytes_per_s

    def cut(self) -> None:
        """Break every connection, and make none."""
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let them through again."""
        self._is_cut = False

    def close(self) -> None:
        """Let go of everything."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                try:
                    if self._is_cut:
                        raise ConnectionRefusedError
                    far = socket.create_connection(self._target, 10)
                except OSError:
                    near.close()
                    continue
                self._ends |= {near, far}
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        source.settimeout(None)
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE_BYTES):
                target.sendall(data)
                if self._bytes_per_s:
                    time.sleep(len(data) / self._bytes_per_s)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
