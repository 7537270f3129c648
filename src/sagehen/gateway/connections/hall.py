"""Hall: what the connections of one front door have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from sagehen.gateway.settings import FrontDoorSettings


@dataclass(frozen=True, slots=True)
class Hall:
    """What every connection needs of the door that it came through, and nothing of what is behind.

    Args:
        settings: The limits that it is held to.
        uvicorn_config: With the application that answers.
        server_state: uvicorn's: all open connections, the tasks that answer, headers of every answer.
    """

    settings: FrontDoorSettings
    uvicorn_config: Config
    server_state: ServerState = field(default_factory=ServerState)


def uvicorn_config(application: Callable[..., Any], settings: FrontDoorSettings) -> Config:
    """Return uvicorn's settings for `application` (ASGI 3), without anything that we do ourselves."""
    config = Config(
        application,
        interface="asgi3",
        http="httptools",
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        proxy_headers=False,
        # Idle connections are closed by our own sweep; uvicorn's timer is only set later than that.
        timeout_keep_alive=int(settings.idle_timeout_s) + 5,
    )
    config.load()
    return config
