"""The headers of stateful sessions between SageMaker and a container, as both ends read them.

A request carries X-Amzn-SageMaker-Session-Id: NEW_SESSION, or the id of a session. An answer opens one with
`X-Amzn-SageMaker-New-Session-Id: ID; Expires=2026-01-02T03:04:05Z` and ends one with
`X-Amzn-SageMaker-Closed-Session-Id: ID`. It stands here because the sandbox holds this package alone.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/stateful-sessions.html; patterns and lengths are those
of NewSessionResponseHeader and SessionIdHeader in the sagemaker-runtime model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

SESSION_ID = "x-amzn-sagemaker-session-id"
NEW_SESSION_ID = "x-amzn-sagemaker-new-session-id"
CLOSED_SESSION_ID = "x-amzn-sagemaker-closed-session-id"
# What SessionId is in the request that opens a session.
NEW_SESSION = "NEW_SESSION"

_MOST_CHARACTERS = 256
_ID = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9])*")
_NEW = re.compile(
    rf"({_ID.pattern});[ \t]Expires=([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z)"
)


class MalformedSession(ValueError):
    """A container's session header that is not what the model says."""


def opens_or_closes(headers: Mapping[str, str]) -> bool:
    """Tell whether an answer's headers, their names lower-case, say anything of a session."""
    return NEW_SESSION_ID in headers or CLOSED_SESSION_ID in headers


def parse_new_session(value: str) -> tuple[str, float]:
    """Return the id, and when it expires in seconds since 1970.

    Raises:
        MalformedSession
    """
    if len(value) <= _MOST_CHARACTERS and (matched := _NEW.fullmatch(value)):
        try:
            expires = datetime.strptime(matched[2], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass  # a thirteenth month
        else:
            return matched[1], expires.timestamp()
    raise MalformedSession(
        f"X-Amzn-SageMaker-New-Session-Id is {value[:_MOST_CHARACTERS]!r}, "
        "not 'ID; Expires=YYYY-MM-DDThh:mm:ssZ'"
    )


def parse_closed_session(value: str) -> str:
    """Return the id.

    Raises:
        MalformedSession
    """
    if len(value) <= _MOST_CHARACTERS and _ID.fullmatch(value):
        return value
    raise MalformedSession(f"X-Amzn-SageMaker-Closed-Session-Id is {value[:_MOST_CHARACTERS]!r}, not an ID")
