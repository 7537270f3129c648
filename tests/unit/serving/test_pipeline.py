"""An instance of several containers: what one answers is the next one's request, or one of them is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.errors import NoSuchContainer
from sagehen.serving.pipeline import TARGET_CONTAINER, Pipeline, passed_on
from sagehen.serving.replica import Replica


@pytest.mark.parametrize(
    ("headers", "told", "expected"),
    [
        ({"content-type": "text/csv"}, {"content-type": "a/b"}, {"content-type": "a/b"}),
        ({"content-type": "text/csv"}, {}, {}),
        ({"accept": "c/d"}, {"content-type": "a/b", "x": "y"}, {"accept": "c/d", "content-type": "a/b"}),
    ],
)
def test_what_the_next_container_is_told(
    headers: dict[str, str], told: dict[str, str], expected: dict[str, str]
) -> None:
    assert passed_on(headers, ReplicaResponse(200, told)) == expected


class Stage(Replica):
    """A container that adds its name to what it gets."""

    def __init__(self, name: str, status: int = 200) -> None:
        self.name, self.status = name, status
        self.seen: list[tuple[bytes, Mapping[str, str]]] = []

    async def request(
        self, method: bytes, path: bytes, headers: Any, body: Any, *rest: Any, **more: Any
    ) -> Any:
        self.seen.append((body, headers))
        answer = body + self.name.encode()
        return ReplicaResponse(self.status, {"content-type": f"of/{self.name}"}, answer, True, "i-1")

    def close(self) -> None: ...


async def ask(pipeline: Pipeline, **headers: str) -> ReplicaResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await pipeline.request(b"POST", b"/invocations", given, b"x", 30)


async def test_a_request_goes_through_all_containers() -> None:
    stages = {name: Stage(name) for name in "abc"}
    pipeline = Pipeline("i-1", stages, serial=True)
    answer = await ask(pipeline, content_type="text/csv", accept="text/plain")
    assert (answer.body, answer.container, answer.headers["content-type"]) == (b"xabc", "c", "of/c")
    assert stages["a"].seen == [(b"x", {"content-type": "text/csv"})]
    assert stages["b"].seen == [(b"xa", {"content-type": "of/a"})]
    assert stages["c"].seen == [(b"xab", {"content-type": "of/b", "accept": "text/plain"})]
    assert pipeline.outstanding == 0 and await pipeline.drain(1)


async def test_an_error_ends_it() -> None:
    stages = {"a": Stage("a"), "b": Stage("b", 415), "c": Stage("c")}
    pipeline = Pipeline("i-1", stages, serial=True)
    answer = await ask(pipeline)
    assert (answer.status, answer.container, answer.body, stages["c"].seen) == (415, "b", b"xab", [])
    stream = await pipeline.open_stream(b"POST", b"/invocations", {}, b"x", 30)
    assert (stream.head.status, stream.head.container) == (415, "b")
    assert [part async for part in stream.parts()] == [b"xab"]
    assert pipeline.outstanding == 0


async def test_one_container_is_asked_directly() -> None:
    stages = {name: Stage(name) for name in "ab"}
    pipeline = Pipeline("i-1", stages, serial=False)
    assert (await pipeline.request(b"POST", b"/invocations", {TARGET_CONTAINER: "b"}, b"x", 30)).body == b"xb"
    assert stages["a"].seen == []
    with pytest.raises(NoSuchContainer):
        await pipeline.request(b"POST", b"/invocations", {TARGET_CONTAINER: "c"}, b"x", 30)
    assert pipeline.outstanding == 0
