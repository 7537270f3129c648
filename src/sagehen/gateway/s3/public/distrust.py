"""Who does not trust our certificate: a program that only the real AWS can serve."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

# What a client sends that finds our authority unknown: Java, programs in Rust with roots of their own.
_REFUSALS = ("UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "BAD_CERTIFICATE")
_REMEMBERED_S = 60.0  # ours: a program that was refused tries again soon, if at all
_MOST_REMEMBERED = 256  # ours: hosts come from clients
# It signs nothing. Debian's is built with GnuTLS: it asks no variable whom to trust, and closes the
# connection without a word after the handshake.
_KNOWN_PROGRAMS = ("wget/",)


def is_refusal(error: Exception) -> bool:
    """Tell whether a handshake failed because the client does not know our authority."""
    return any(word in (getattr(error, "reason", None) or "") for word in _REFUSALS)


class Distrust:
    """Remembers for a minute which hosts' certificates of ours a client refused: its next try goes to AWS.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        # Sandboxes and this machine's own programs apart: neither opens the way for the other.
        self._refused: OrderedDict[tuple[bool, str], float] = OrderedDict()

    def remember(self, host: str, *, from_sandbox: bool) -> None:
        """Note that a client refused our certificate for `host`; of more than 256 the oldest goes."""
        self._refused[from_sandbox, host] = self._now()
        self._refused.move_to_end((from_sandbox, host))
        if len(self._refused) > _MOST_REMEMBERED:
            self._refused.popitem(last=False)

    def applies(self, host: str, user_agent: str, *, from_sandbox: bool) -> bool:
        """Tell whether a client that wants a tunnel to a host would refuse our certificate."""
        if user_agent.lower().startswith(_KNOWN_PROGRAMS):
            return True
        since = self._refused.get((from_sandbox, host))
        return since is not None and self._now() - since <= _REMEMBERED_S
