"""The C extension of awslambdaric, in plain Python: for interpreters that it was not compiled for.

awslambdaric imports this by its name and calls these four functions. One connection is kept alive.
"""

from __future__ import annotations

import http.client
import os

_PREFIX = "/2018-06-01/runtime/invocation"
_NUMBERS = ("lambda-runtime-deadline-ms",)


class _Connection:
    def __init__(self) -> None:
        self._user_agent = ""
        self._http: http.client.HTTPConnection | None = None

    def identify(self, user_agent: str) -> None:
        self._user_agent = user_agent

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        if self._http is None:
            self._http = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        self._http.request(method, path, body, {"User-Agent": self._user_agent, **(headers or {})})
        answer = self._http.getresponse()
        return answer, answer.read()


_connection = _Connection()


def initialize_client(user_agent: str) -> None:
    _connection.identify(user_agent)


def next() -> tuple[bytes, dict[str, object]]:
    """Return the next event's body and headers."""
    answer, body = _connection.request("GET", f"{_PREFIX}/next")
    if answer.status != 200:
        raise RuntimeError(f"Failed to get next invocation. Http response code: {answer.status}.")
    headers: dict[str, object] = dict(answer.getheaders())
    for name, value in list(headers.items()):
        if name.lower() in _NUMBERS:
            headers[name] = int(str(value))
    return body, headers


def post_invocation_result(
    invoke_id: str, body: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    answer, _ = _connection.request(
        "POST", f"{_PREFIX}/{invoke_id}/response", body, {"Content-Type": content_type}
    )
    if answer.status // 100 != 2:
        raise RuntimeError(f"Failed to post handler success response. Http response code: {answer.status}.")


def post_error(invoke_id: str, error: str, xray_fault: str, invocation_id: str | None = None) -> None:
    # The type is in the document; the C extension sends it as a header as well.
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": "Unhandled"}
    _connection.request("POST", f"{_PREFIX}/{invoke_id}/error", error.encode(), headers)
