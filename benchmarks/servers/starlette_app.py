"""The plain way: a Starlette app under uvicorn. BENCH_HANDLER names the handler's module."""

from __future__ import annotations

import importlib
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_handler = importlib.import_module(f"benchmarks.servers.{os.environ['BENCH_HANDLER']}")
_model = _handler.load()


async def invocations(request: Request) -> Response:
    """Answer in the event loop: for a handler this short a hop to a thread only costs."""
    body = await request.body()
    return Response(_handler.predict(_model, body), media_type="application/octet-stream")


app = Starlette(routes=[Route("/invocations", invocations, methods=["POST"])])
