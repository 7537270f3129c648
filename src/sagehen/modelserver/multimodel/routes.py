"""The HTTP side of several models: what a request to /models asks for.

Source: SageMaker Developer Guide, Build your own container for multi-model endpoints: contract for custom
containers.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs

from sagehen.modelserver.messages import Answer, Call
from sagehen.modelserver.multimodel.host import Hosted, ModelHost, NotLoaded

_PAGE = 100
_ONE = re.compile(r"/models/([A-Za-z0-9_.-]{1,256})(/invoke)?/?")


class ModelRoutes:
    """Answers requests to /models. Work that takes long is a task of its own: a caller who goes away ends his
    wait, not the load that others may be waiting for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: ModelHost) -> None:
        self._loop = loop
        self._host = host
        self._tasks: set[asyncio.Task[None]] = set()

    def answer(self, method: str, path: str, query: str, call: Call) -> asyncio.Future[Answer]:
        """Return the answer to come. `path` has no query."""
        if path in ("/models", "/models/"):
            if method == "POST":
                return self._by_and_by(self._load(call))
            return self._at_once(self._page(query) if method == "GET" else _told(405, "Use GET or POST."))
        found = _ONE.fullmatch(path)
        if found is None:
            return self._at_once(_told(404, "Not found."))
        name, invoked = found[1], bool(found[2])
        if method == "DELETE" and not invoked:
            gone = self._host.unload(name)
            return self._at_once(_told(200, "Unloaded.") if gone else _unknown(name))
        model = self._host.find(name)
        if model is None:
            return self._at_once(_unknown(name))
        if invoked and method == "POST":
            return self._host.submit(model, call)
        return self._at_once(_json(200, _described(model)) if method == "GET" else _told(405, "Not that."))

    async def _load(self, call: Call) -> Answer:
        try:
            asked = json.loads(call.body)
            name, url = asked["model_name"], asked["url"]
            if not _ONE.fullmatch(f"/models/{name}") or not isinstance(url, str):
                raise ValueError("model_name is no name")
        except (ValueError, KeyError, TypeError):
            return _told(400, "The body must be JSON with model_name and url.")
        began = time.monotonic()
        try:
            await self._host.load(name, url)
        except NotLoaded as refused:
            if refused.status >= 500:
                print(refused, file=sys.stderr, flush=True)  # noqa: T201
            return _told(refused.status, str(refused))
        print(f"Model {name} was loaded in {time.monotonic() - began:.3f} s.", flush=True)  # noqa: T201
        return _told(200, "Loaded.")

    def _page(self, query: str) -> Answer:
        models = [_described(model) for model in self._host.models()]
        token = parse_qs(query).get("next_page_token", ["0"])[-1]
        start = int(token) if token.isascii() and token.isdigit() and len(token) < 10 else 0
        page: dict[str, Any] = {"models": models[start : start + _PAGE]}
        if start + _PAGE < len(models):
            page["nextPageToken"] = str(start + _PAGE)
        return _json(200, page)

    def _at_once(self, answer: Answer) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = self._loop.create_future()
        future.set_result(answer)
        return future

    def _by_and_by(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = self._loop.create_future()

        async def go_on() -> None:
            answer = await work
            if not future.done():
                future.set_result(answer)

        task = self._loop.create_task(go_on())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return future


def _described(model: Hosted) -> dict[str, str]:
    return {"modelName": model.name, "modelUrl": model.url}


def _unknown(name: str) -> Answer:
    return _told(404, f"Model {name} is not loaded.")


def _told(status: int, message: str) -> Answer:
    return _json(status, {"message": message})


def _json(status: int, told: Any) -> Answer:
    return Answer(status, "application/json", json.dumps(told).encode())
