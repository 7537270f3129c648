"""An engine that does what a real one cannot be made to do: it hangs, breaks off, forgets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

# (method and target, body) -> what is written in answer, byte by byte; None: nothing, for ever.
Answer = Callable[[str, bytes], bytes | None]


def answer_of(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class FakeEngine:
    """Listens on a Unix socket, and closes each connection behind its answer.

    Args:
        answer: What it says, but for its version.
        least: The oldest version of the API that it answers to, and the only one that it is asked in.
    """

    def __init__(self, path: Path, answer: Answer, least: str = "1.40") -> None:
        self.path = path
        self.least = least
        self._answer = answer
        self.versions_told = 0
        self.asked: list[str] = []
        self.bodies: list[bytes] = []

    async def __aenter__(self) -> FakeEngine:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            asked = head.split(" HTTP/")[0]
            body = await _body_of(head, reader)
            said = self._say(asked, body)
            if said is None:
                await reader.read()
            else:
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _say(self, asked: str, body: bytes) -> bytes | None:
        if asked == "GET /version":
            self.versions_told += 1
            return answer_of("200 OK", json.dumps({"MinAPIVersion": self.least}).encode())
        assert f" /v{self.least}/" in asked
        self.asked.append(asked.replace(f"/v{self.least}", ""))
        self.bodies.append(body)
        return self._answer(self.asked[-1], body)


async def _body_of(head: str, reader: asyncio.StreamReader) -> bytes:
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if "chunked" not in fields.get("transfer-encoding", ""):
        return await reader.readexactly(int(fields.get("content-length", 0)))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
