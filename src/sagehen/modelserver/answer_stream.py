"""AnswerStream: an answer that a worker sends in parts, on its way to one connection."""

from __future__ import annotations

from collections.abc import Callable


class AnswerStream:
    """Passes parts on as they come; holds back the worker while the caller is slower than the model.

    Args:
        hold: Stops and starts the reading of the worker's channel: its sending then blocks.
    """

    def __init__(self, hold: Callable[[bool], None]) -> None:
        self._hold = hold
        self._on_part: Callable[[bytes], None] | None = None
        self._on_end: Callable[[bool], None] | None = None
        self._early: list[bytes] = []
        self._ended: bool | None = None

    # --- the worker's side ---------------------------------------------------------------------

    def part(self, data: bytes) -> None:
        """Pass on a piece, or keep it until somebody has attached. Empty pieces are passed on as well."""
        if self._on_part is None:
            self._early.append(data)
        else:
            self._on_part(data)

    def end(self, whole: bool) -> None:
        """No more parts: all of it was sent, or the handler broke off."""
        self._ended = whole
        if self._on_end is not None:
            self._on_end(whole)

    # --- the connection's side -----------------------------------------------------------------

    def attach(self, on_part: Callable[[bytes], None], on_end: Callable[[bool], None]) -> None:
        """Take what has come and what will."""
        self._on_part, self._on_end = on_part, on_end
        for data in self._early:
            on_part(data)
        self._early.clear()
        if self._ended is not None:
            on_end(self._ended)

    def pause(self) -> None:
        """Hold the worker back: the caller reads more slowly than the model yields."""
        if self._ended is None:
            self._hold(True)

    def resume(self) -> None:
        """Let the worker go on."""
        self._hold(False)

    def abandon(self) -> None:
        """Nobody listens any more: the rest is thrown away, so that the worker comes to its end."""
        self.attach(lambda data: None, lambda whole: None)
        self._hold(False)
