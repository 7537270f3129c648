"""Answers from files: what of a connection sends their bytes around the transport, inside of the kernel."""

from __future__ import annotations

from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sagehen.gateway.connections.plain_socket import plain_socket
from sagehen.gateway.connections.send_file import FileSending

# Bytes. Below this, the ways into a thread and back cost more than the bytes' way through Python (measured).
_LEAST_SENT_AROUND = 256 * 1024


class ClientGone(Exception):
    """The client closed the connection while it was being answered."""


class FileAnswering(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol, which sends large files by sendfile(2) where the socket is a plain one."""

    handed_bytes = 0  # of answers, given to the transport or the kernel
    _gone = False
    _sending: FileSending | None = None  # the answer's file, around the transport

    @property
    def closing(self) -> bool:
        """Whether answering is of no use any more."""
        return self._gone or self.transport.is_closing()

    def give_up(self, send: Callable[..., object]) -> None:
        """Note that nobody reads the answers under way, so that uvicorn does not take it for a mistake.

        Args:
            send: Where the answer went that met with it.
        """
        for cycle in (_cycle_of(send), self.cycle, *(cycle for cycle, _ in self.pipeline)):
            if cycle is not None:
                cycle.disconnected = True

    async def send_file(self, send: Callable[..., object], file: int, offset: int, count: int) -> int:
        """Send the body of an answer from a file, around the transport, after its headers.

        Args:
            send: ASGI's, as uvicorn gave it to the application for this answer.
            file: The open file's descriptor.
            offset: Where the body begins in it.
            count: Length of the body in bytes.

        Returns:
            Bytes sent. If these are all, the answer is over; if not, the rest must go the usual way: the
            body is small, the connection no plain socket, or the file ended or cannot be sent so.

        Raises:
            ClientGone: Nobody reads any more.
        """
        cycle = _cycle_of(send)
        if cycle is None or cycle.expected_content_length != count:
            return 0
        if count < _LEAST_SENT_AROUND or plain_socket(self.transport) is None:
            return 0
        await self._drained()
        sent = await self._send_around(file, offset, count)
        cycle.expected_content_length -= sent  # uvicorn counts down what it still expects of a body
        if sent == count:
            await cycle.send({"type": "http.response.body", "body": b"", "more_body": False})
        elif self.closing:
            raise ClientGone
        return sent

    async def _send_around(self, file: int, offset: int, count: int) -> int:
        descriptor = plain_socket(self.transport)
        if descriptor is None:
            raise ClientGone
        if self.transport.get_write_buffer_size():
            return 0  # what lies there must come first
        try:
            sending = self._sending = FileSending(descriptor, file)
        except OSError:
            return 0  # out of descriptors; the usual way needs no more of them
        try:
            await sending.send(offset, count)
        except (ConnectionError, TimeoutError) as error:
            self.transport.abort()
            raise ClientGone from error
        finally:
            self._sending = None
            self.handed_bytes += sending.sent
            sending.close()
        return sending.sent

    async def _drained(self) -> None:
        """Wait until all that the transport was given is with the kernel."""
        if not self.transport.get_write_buffer_size():
            return
        low, high = self.transport.get_write_buffer_limits()
        self.transport.set_write_buffer_limits(0)  # uvicorn is told of the next change, which is "empty"
        try:
            await self.flow.drain()
        finally:
            if not self.transport.is_closing():
                self.transport.set_write_buffer_limits(high, low)


def _cycle_of(send: Callable[..., object]) -> RequestResponseCycle | None:
    """Return uvicorn's object for one request and its answer, whose method ASGI's `send` is.

    `Connection.cycle` is the latest request's; where requests are pipelined, that is another one. If a
    later uvicorn passes something else, files take the usual way: test_large_answers.py notices.
    """
    cycle = getattr(send, "__self__", None)
    return cycle if isinstance(cycle, RequestResponseCycle) else None
