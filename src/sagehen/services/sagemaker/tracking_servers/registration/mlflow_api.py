"""MlflowApi: asks a tracking server's process, within bounds: what runs there is a user's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import h11

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.tracking_servers.registration.packages import ModelVersion
from sagehen.services.sagemaker.tracking_servers.run import Running

_ANSWER_S = 20.0
_MOST_BYTES = 4 << 20
_PIECE_BYTES = 64 << 10
# Ours: what registers looks at the newest, and not for ever.
_PAGE, _MOST_PAGES = 100, 10
_NEWEST = {"max_results": _PAGE, "order_by": "last_updated_timestamp DESC"}


class NoAnswer(Exception):
    """It does not say what it should."""


class MlflowApi:
    """Its registry."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def models(self, since_ms: int) -> AsyncIterator[str]:
        """Yield the names of models that were registered since a time.

        Raises:
            NoAnswer
        """
        async for told in self._newest("registered-models/search", "registered_models", since_ms):
            yield str(told.get("name", ""))

    async def versions(self, since_ms: int) -> AsyncIterator[ModelVersion]:
        """Yield the versions that were made since a time.

        Raises:
            NoAnswer
        """
        async for told in self._newest("model-versions/search", "model_versions", since_ms):
            yield ModelVersion.read(told)

    async def version(self, name: str, version: str) -> ModelVersion:
        """Return one version.

        Raises:
            NoAnswer
        """
        told = await self._ask("GET", "model-versions/get", {"name": name, "version": version})
        return ModelVersion.read(_mapping(told.get("model_version")))

    async def artifacts(self, version: ModelVersion) -> str:
        """Return where a version's files are.

        Raises:
            NoAnswer
        """
        asked = {"name": version.name, "version": version.version}
        told = await self._ask("GET", "model-versions/get-download-uri", asked)
        return str(told.get("artifact_uri", ""))

    async def tag(self, version: ModelVersion, key: str, value: str) -> None:
        """Set a version's tag.

        Raises:
            NoAnswer
        """
        asked = {"name": version.name, "version": version.version, "key": key, "value": value}
        await self._ask("POST", "model-versions/set-tag", asked)

    async def _newest(self, call: str, member: str, since_ms: int) -> AsyncIterator[Mapping[str, Any]]:
        asked = dict(_NEWEST)
        for _ in range(_MOST_PAGES):
            answer = await self._ask("GET", call, asked)
            listed = answer.get(member)
            for told in listed if isinstance(listed, list) else ():
                if isinstance(told, dict) and _number(told.get("creation_timestamp")) >= since_ms:
                    yield told
            # In the order of their last change: none behind one that was not changed since is newer.
            last = listed[-1] if isinstance(listed, list) and listed else None
            changed = _number(_mapping(last).get("last_updated_timestamp"))
            token = answer.get("next_page_token")
            if not token or changed < since_ms:
                return
            asked["page_token"] = token

    async def _ask(self, method: str, call: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        target, body = f"/api/2.0/mlflow/{call}", b""
        if method == "GET":
            target += f"?{urlencode(asked)}"
        else:
            body = json.dumps(asked).encode()
        try:
            async with timeout(_ANSWER_S):
                reader, writer = await asyncio.open_connection(sock=await self._running.connect())
                try:
                    return await _exchange(reader, writer, method, target, body)
                finally:
                    writer.close()
        except (OSError, TimeoutError, h11.ProtocolError, NotJson) as error:
            raise NoAnswer(f"MLflow's server does not answer {call}: {error}") from error


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, target: str, body: bytes
) -> Mapping[str, Any]:
    http = h11.Connection(h11.CLIENT)
    headers = [("Host", "localhost"), ("Connection", "close"), ("Content-Type", "application/json")]
    headers.append(("Content-Length", str(len(body))))
    writer.write(http.send(h11.Request(method=method, target=target, headers=headers)) or b"")
    writer.write((http.send(h11.Data(data=body)) or b"") if body else b"")
    writer.write(http.send(h11.EndOfMessage()) or b"")
    status, content = 0, bytearray()
    while not isinstance(event := http.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(_PIECE_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            content += event.data
            if len(content) > _MOST_BYTES:
                raise NoAnswer(f"MLflow's server answers with more than {_MOST_BYTES} bytes")
        elif isinstance(event, h11.ConnectionClosed):
            raise NoAnswer("MLflow's server broke off")
    told = await asyncio.to_thread(read_json, bytes(content))
    if status != 200:
        raise NoAnswer(f"MLflow's server answers {status}: {str(told)[:300]}")
    return _mapping(told)


def _mapping(told: Any) -> Mapping[str, Any]:
    return told if isinstance(told, dict) else {}


def _number(told: Any) -> int:
    try:
        return int(told or 0)
    except (TypeError, ValueError):
        return 0
