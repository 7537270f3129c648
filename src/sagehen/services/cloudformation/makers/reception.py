"""Reception: what is sent to the platform's URLs by functions and machines, with a key for a signature."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.services.cloudformation.makers.replies import Replies
from sagehen.services.cloudformation.makers.signals import Signals, signal_of


class Reception:
    """Takes replies of custom resources' functions, and signals of wait conditions.

    Args:
        is_handle: Tells whether a URL is that of a handle, of a stack's id and a logical id.
        url: What comes before a key.
    """

    def __init__(
        self, replies: Replies, signals: Signals, is_handle: Callable[[str, str, str], bool], url: str
    ) -> None:
        self._replies = replies
        self._signals = signals
        self._is_handle = is_handle
        self._url = url

    async def receive(self, key: str, body: bytes) -> bool:
        """Take what came to a key's URL; False where nobody gave out that key.

        Raises:
            ValueError: A wait condition's signal that is none.
        """
        stack_id, _, rest = key.partition(".")
        logical_id, _, secret = rest.partition(".")
        if not secret:
            return self._replies.receive(key, body)
        if not self._is_handle(stack_id, logical_id, f"{self._url}{key}"):
            return False
        await self._signals.add(stack_id, logical_id, signal_of(body))
        return True
