"""Models on an instance's disk: what makes room for others, and is asked for in the same moment."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.services.sagemaker.endpoints import model_store
from sagehen.services.sagemaker.endpoints.model_store import ModelStore
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.wanted import ModelDataUnavailable
from sagehen.serving.errors import ModelUnavailable


class _Variant:
    model_data = "s3://bucket/models/"


class Shown:
    """What a machine elsewhere sees."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.refuses = False

    async def __call__(self, folder: Path) -> None:
        if self.refuses:
            raise ConnectionError("the node is lost")
        (self.there.add if folder.is_dir() else self.there.discard)(folder.name)


class _Store(ModelStore):
    async def _bring(self, bucket: str, key: str, folder: Path) -> tuple[float, int]:
        folder.mkdir(parents=True)
        return 0.0, await asyncio.to_thread((folder / "weights").write_text, key)


async def test_a_model_that_is_being_removed_can_be_brought_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removing, go_on, remove = threading.Event(), threading.Event(), model_store.remove_tree

    def slowly(folder: Path) -> None:
        removing.set()
        go_on.wait(30)
        remove(folder)

    monkeypatch.setattr(model_store, "remove_tree", slowly)
    nothing: Any = None
    variant: Any = _Variant()
    store = _Store(nothing, nothing, variant, "us-east-1", tmp_path, Shown(), most_bytes=12)
    await store.fetch("a")
    store.unused("a")
    other = asyncio.create_task(store.fetch("b"))
    assert await asyncio.to_thread(removing.wait, 30)
    fetched = await store.fetch("a")
    go_on.set()
    await other
    assert (tmp_path / fetched.name / "model" / "weights").read_text() == "models/a"
    assert len(list(tmp_path.iterdir())) == 2


async def test_loads_that_make_room_at_once_take_each_model_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, remove = asyncio.Event(), model_store.remove_tree
    loop = asyncio.get_running_loop()

    def slowly(folder: Path) -> None:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(30)
        remove(folder)

    monkeypatch.setattr(model_store, "remove_tree", slowly)
    nothing: Any = None
    variant: Any = _Variant()
    store = _Store(nothing, nothing, variant, "us-east-1", tmp_path, Shown(), most_bytes=20)
    for name in ("a", "b"):
        await store.fetch(name)
        store.unused(name)
    loads = [asyncio.create_task(store.fetch(name)) for name in ("c", "d", "e")]
    async with asyncio.timeout(30):
        # Two of them make room; whichever comes last finds nothing that may go.
        while len(list(tmp_path.glob("*.*"))) < 2 or not any(load.done() for load in loads):
            await asyncio.sleep(0.001)
    gate.set()
    await asyncio.gather(*loads)
    assert {each.name for each in tmp_path.iterdir()} == {store.name_of(name) for name in ("c", "d", "e")}


async def test_what_is_here_is_seen_where_the_instance_runs(tmp_path: Path) -> None:
    nothing: Any = None
    variant: Any = _Variant()
    shown = Shown()
    models = ModelData(nothing)
    store = _Store(nothing, models, variant, "us-east-1", tmp_path, shown, most_bytes=20)
    for name in ("a", "b", "c"):
        fetched = await store.fetch(name)
        assert fetched.name in shown.there
        store.unused(name)
    assert shown.there == {store.name_of(name) for name in ("b", "c")}
    shown.refuses = True
    with pytest.raises(ModelUnavailable, match="where its instance runs: the node is lost"):
        await store.fetch("d")
    assert not (tmp_path / store.name_of("d")).exists()  # nor is it taken for one that is there


async def test_what_a_node_gets_by_itself_is_seen_there_by_its_own_name(tmp_path: Path) -> None:
    class Store(ModelStore):
        async def _bring(self, bucket: str, key: str, folder: Path) -> tuple[float, int]:
            return 0.0, len(key)

    told: list[Path] = []

    async def show(path: Path) -> None:
        told.append(path.relative_to(tmp_path))

    nothing: Any = None
    variant: Any = _Variant()
    store = Store(nothing, nothing, variant, "us-east-1", tmp_path, show, most_bytes=10, node="node-1")
    for name in ("a", "b"):
        await store.fetch(name)
        store.unused(name)
    first, second = (Path(store.name_of(name)) for name in ("a", "b"))
    assert told == [first / "model", second / "model", first]  # the first one makes room
    assert not list(tmp_path.iterdir())


async def test_a_node_is_told_to_forget_what_there_is_not(tmp_path: Path) -> None:
    class Models(ModelData):
        async def bring(self, *_: Any) -> int:
            raise ModelDataUnavailable("it is no archive")

        async def let_go(self, folder: Path) -> None:
            gone.append(folder)

    class Roles:
        async def assume_for_service(self, *_: Any) -> None: ...

    gone = list[Path]()
    nothing: Any = None
    means: Any = SimpleNamespace(roles=Roles())
    variant: Any = SimpleNamespace(model_data="s3://b/m/", name="one", role_arn="", download_timeout_s=1.0)
    store = ModelStore(means, Models(nothing), variant, "us-east-1", tmp_path, nothing, node="node-1")
    for name in ("a", "b"):  # whoever asks names what he likes
        with pytest.raises(ModelUnavailable, match="no archive"):
            await store.fetch(name)
    assert gone == [tmp_path / store.name_of(name) for name in ("a", "b")]
