"""A node may say anything: what ran there is lost then, and no more."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.cluster.executor.node import Node
from sagehen.cluster.executor.sandbox import RemoteSandbox
from sagehen.cluster.streams import StreamRefused
from sagehen.executors.base import Limits, SandboxSpec
from sagehen.executors.ended import LOST


class Says:
    """Implements `Link` and `Stream` of a node that says one thing."""

    peer = "hostile"

    def __init__(self, text: bytes) -> None:
        self._left = [text]

    async def open(self, kind: str, arguments: Any, *, timeout_s: float = 0) -> Says:
        return self

    async def send(self, data: bytes) -> None: ...

    async def receive(self) -> bytes:
        return self._left.pop() if self._left else b""

    async def finish(self) -> None: ...

    def reset(self, reason: str) -> None: ...


class NoTrees:
    async def keep_passing(self) -> None: ...

    async def bring(self) -> None: ...


@pytest.mark.parametrize(
    "said",
    [
        b"[]", b"1", b'{"usage": [1]}', b'{"usage": {"a": 1}}', b'{"lines": [[1, "stdout"]]}',
        b'{"lines": [["x", "stdout", "a"]]}', b'{"lines": 3}', b'{"exit": 3}', b'{"exit": {"code": 0}}',
        b'{"exit": {"code": [], "signal": null, "out_of_memory": 0, "out_of_disk": 0}}', b"{", b"\xff",
    ],
)  # fmt: skip
async def test_a_sandbox_of_which_nonsense_is_said_is_lost(tmp_path: Path, said: bytes) -> None:
    ends: list[Any] = []

    async def on_end(status: Any) -> None:
        ends.append(status)

    async def call(what: str, request: Any) -> Any:
        raise ValueError(what)

    link = Says(said + b"\n")
    node: Any = SimpleNamespace(node_id="hostile", open=link.open, call=call)
    spec = SandboxSpec(name="a", folder=tmp_path, command=("true",), limits=Limits(cpus=1, memory_mib=64))
    trees: Any = NoTrees()
    sandbox = RemoteSandbox(node, spec, lambda stream, text: None, trees, on_end)
    assert await sandbox.wait() == LOST and ends == [LOST]
    assert await sandbox.stop(1) == await sandbox.kill() == LOST


@pytest.mark.parametrize(
    "said", [b"[]", b"7", b"{}", b'{"error": 1}', b'{"error": [[], 1]}', b'{"answer": {}}']
)
async def test_nonsense_instead_of_an_answer_is_a_failure_of_the_link(said: bytes) -> None:
    link: Any = Says(said)
    with pytest.raises(StreamRefused):
        await Node("hostile", "life").linked(link)
