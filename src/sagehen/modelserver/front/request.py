"""Request: what a connection reads, and the answers that need no model."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.modelserver.messages import Answer, Call

# Documented: CreateTransformJob. Payloads of 1 MB are the least, and all under way are 100 MB at most.
_MOST_TRANSFORMS = 100
TOO_LARGE = Answer(413, "text/plain", b"The body is too large.")


@dataclass(slots=True)
class Request:
    """One request. `is_plain`: a worker could have read it."""

    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: list[bytes] = field(default_factory=list)
    size: int = 0
    keep_alive: bool = True
    is_plain: bool = False

    def call(self) -> Call:
        """Return it as a worker gets it."""
        return Call(self.body[0] if len(self.body) == 1 else b"".join(self.body), self.headers)


def other_answer(path: str, ready: bool, at_once: int | None) -> Answer:
    """Answer what is not for a model.

    Args:
        at_once: How many calls keep the workers busy; None where several models are asked below /models.
    """
    if path == "/ping":
        return Answer(200 if ready else 503, "application/json", b"\n")
    if path == "/execution-parameters" and at_once is not None:
        # Documented: How containers serve requests; what a transform job takes where it says nothing itself.
        # The other members would only repeat what jobs take by default.
        proposed = b'{"MaxConcurrentTransforms": %d}' % min(at_once, _MOST_TRANSFORMS)
        return Answer(200, "application/json", proposed)
    if path == "/invocations" and at_once is not None:
        return Answer(405, "text/plain", b"Use POST.")
    return Answer(404, "text/plain", b"Not found: this server has /ping and /invocations.")
