"""The Extensions API without a sandbox: who may register for what, and who is waited for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.lambda_.execution.company import Company
from sagehen.services.lambda_.execution.replies import Reply

from .conftest import company, event

UNKNOWN = "5c8cb9b0-1f6f-4b60-a0a7-b8a2b1bfe4f6"


class Asks:
    """Asks a company as extensions do."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.told: dict[str, list[Any]] = {}

    def __call__(
        self, what: str, body: Any = None, identifier: str | None = None, **headers: str
    ) -> tuple[int, Any] | None:
        method, path = what.split(" ")
        given = {f"lambda-extension-{name.replace('_', '-')}": value for name, value in headers.items()}
        if identifier is not None:
            given["lambda-extension-identifier"] = identifier
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        heard = self.told.setdefault(identifier or "", [])
        reply = self.company.asked(
            method, path, given, raw, object(), lambda later: heard.append(json.loads(later.body))
        )
        return None if reply is None else (reply.status, _content(reply))

    def register(self, name: str, *events: str) -> str:
        reply = self.company.asked(
            "POST", "/2020-01-01/extension/register", {"lambda-extension-name": name},
            json.dumps({"events": events}).encode(), None, lambda _: None,
        )  # fmt: skip
        assert reply is not None
        assert reply.status == 200
        return reply.headers["Lambda-Extension-Identifier"]

    def next(self, identifier: str) -> Any:
        return self("GET /2020-01-01/extension/event/next", identifier=identifier)


def _content(reply: Reply) -> Any:
    content = json.loads(reply.body or b"null")
    return content["errorType"] if isinstance(content, dict) and "errorType" in content else content


@pytest.fixture
async def asks() -> Asks:
    return Asks(company("outer"))


REGISTER = "POST /2020-01-01/extension/register"


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        ({}, {}, "Extension.InvalidExtensionName"),
        ({}, {"name": "n" * 300}, "Extension.InvalidExtensionName"),
        (b"no json", {"name": "outer"}, "InvalidRequestFormat"),
        (b"[" * 9_000, {"name": "outer"}, "InvalidRequestFormat"),
        (b'"' + b"x" * 20_000 + b'"', {"name": "outer"}, "InvalidRequestFormat"),
        ([], {"name": "outer"}, "InvalidRequestFormat"),
        ({"events": "INVOKE"}, {"name": "outer"}, "InvalidRequestFormat"),
        ({"events": ["INVOKE"] * 17}, {"name": "outer"}, "InvalidRequestFormat"),
        ({"events": ["SLEEP"]}, {"name": "outer"}, "Extension.InvalidEventType"),
        # Documented: internal ones may not register for the end.
        ({"events": ["SHUTDOWN"]}, {"name": "inner"}, "Extension.InvalidEventType"),
        ({"configurationKeys": ["a"]}, {"name": "outer"}, "InvalidRequestFormat"),
    ],
)
async def test_registrations_that_are_refused(asks: Asks, body: Any, headers: Any, error: str) -> None:
    assert asks(REGISTER, body, **headers) == (403, error)


async def test_who_asks_has_to_say_so(asks: Asks) -> None:
    for path in ("GET /2020-01-01/extension/event/next", "PUT /2022-07-01/telemetry"):
        assert asks(path) == (403, "Extension.MissingExtensionIdentifier")
        assert asks(path, identifier="x") == (403, "Extension.InvalidExtensionIdentifier")
        assert asks(path, identifier=UNKNOWN) == (403, "Extension.UnknownExtensionIdentifier")
    identifier = asks.register("outer")
    assert asks("POST /2020-01-01/extension/exit/error", {}, identifier) == (403, "Extension.MissingHeader")
    assert asks("GET /2020-01-01/extension/other", {}, identifier) == (404, "NotFound")


async def test_ten_at_most_and_only_before_the_runtime_is_ready(asks: Asks) -> None:
    asks.register("outer")
    assert asks(REGISTER, {}, name="outer") == (403, "Extension.InvalidExtensionState")
    for number in range(9):
        asks.register(f"inner-{number}")
    assert asks(REGISTER, {}, name="one-more") == (403, "Extension.TooManyExtensions")
    other = Asks(company())
    other.company.registry.close()
    assert other(REGISTER, {}, name="late") == (403, "Extension.RegistrationClosed")


async def test_who_is_waited_for(asks: Asks) -> None:
    registry = asks.company.registry
    assert not registry.registered.done()
    outer = asks.register("outer", "INVOKE", "SHUTDOWN")
    inner = asks.register("inner")
    assert registry.registered.done()
    registry.close()
    assert asks.next(outer) is None
    assert not registry.ready.done(), "the other one has not asked yet"
    assert asks.next(inner) is None
    assert registry.ready.done()
    assert asks.next(outer) == (403, "Extension.InvalidExtensionState")
    # Only those that want to hear of an invocation are waited for.
    invocation = event()
    done = asks.company.invoke(invocation, 5, "Root=1")
    assert done is not None
    assert not done.done()
    [told] = asks.told[outer]
    assert (told["eventType"], told["deadlineMs"], told["requestId"]) == ("INVOKE", 5, invocation.request_id)
    assert told["tracing"] == {"type": "X-Amzn-Trace-Id", "value": "Root=1"}
    asks.next(outer)
    assert done.done()
    assert asks.told[inner] == []


async def test_an_event_waits_for_who_lost_his_connection(asks: Asks) -> None:
    identifier = asks.register("outer", "INVOKE")
    asks.company.registry.close()
    asks.next(identifier)
    [extension] = asks.company.registry
    asks.company.registry.lost(extension.connection)
    done = asks.company.invoke(event(), 5, "Root=1")
    assert done is not None
    assert asks.told[identifier] == []
    asks.next(identifier)
    assert [one["eventType"] for one in asks.told[identifier]] == ["INVOKE"]
    assert not done.done(), "it has the event now, and works on it"
    asks.next(identifier)
    assert done.done()


async def test_what_the_supervisor_tells(asks: Asks) -> None:
    registry = asks.company.registry
    assert asks("POST /sagehen/ended", b"outer") == (400, "InvalidRequestFormat")
    assert asks("GET /sagehen/shutdown", b"") == (400, "InvalidRequestFormat"), "nobody is ending it"
    assert asks("POST /sagehen/ended", b"nobody\n3") == (200, None)
    assert not registry.broken.done()
    asks("POST /sagehen/refused", b"outer\n8")
    fault = registry.broken.result()
    assert (fault.error_type, fault.message) == (
        "Extension.LaunchError",
        "fork/exec /opt/extensions/outer: exec format error",
    )
    assert Asks(company())("GET /sagehen/runtime") == (404, "NotFound")


async def test_the_supervisor_waits_once_whoever_else_asks(asks: Asks) -> None:
    assert asks("GET /sagehen/runtime") is None
    assert asks("GET /sagehen/runtime") == (400, "InvalidRequestFormat")
