"""What the door asks: whether who comes may enter, and which server is behind. Implemented by `access`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sagehen.services.sagemaker.notebooks.server import NotebookServer


@dataclass(frozen=True, slots=True)
class Place:
    """Which notebook instance an address means.

    Args:
        region: As the host name or the path tells.
        label: The first label of its host name; unique in a region.
    """

    region: str
    label: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """How somebody comes, which rights may depend on.

    Args:
        source_ip: From where.
        secure: Over TLS.
    """

    source_ip: str
    secure: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A presigned URL was accepted.

    Args:
        session: The value of the cookie that lets its bearer in; letters, digits, `-` and `_`.
        seconds: How long it does.
    """

    session: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """The bearer of a session may pass.

    Args:
        server: Runs and answers.
        base_path: JupyterLab's base URL.
        seconds_left: Until the session ends; a WebSocket that is still open then is closed.
    """

    server: NotebookServer
    base_path: str
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody is let in.

    Args:
        status: 403: no session, or no right any more; 404: no such notebook instance; 503: it is not
            InService.
        reason: For the page.
    """

    status: int
    reason: str


class NotebookEntrance(Protocol):
    """Keeps the door of notebook instances."""

    async def open(self, place: Place, token: str, visitor: Visitor) -> Opened | Refused:
        """Take the `authToken` of a presigned URL for a session."""
        ...

    async def admit(self, place: Place, session: str, visitor: Visitor) -> Admitted | Refused:
        """Tell whether one request, or one WebSocket, may pass: asked again for each, and now and then while
        a WebSocket stays open (the rights of who made the URL count as they are now)."""
        ...
