"""Where instances go: bundles, spreading, waiting, and what is known of nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sagehen.cluster.address import BadAddress, read_address
from sagehen.cluster.nodes.record import NodeRecord
from sagehen.cluster.nodes.registry import Registry
from sagehen.cluster.placement.bundles import bundle_of, least_used
from sagehen.cluster.placement.places import ClusterPlaces
from sagehen.cluster.placement.waiting import why_waiting
from sagehen.cluster.ray.client import SeenNode
from sagehen.domain.ports.compute.places import Demand, Needs

TRAINING = Demand("training", 2.0, 384)


def test_a_training_instance_reserves_half_of_its_processors_and_a_replica_next_to_none() -> None:
    assert bundle_of(TRAINING) == {"CPU": 1.0, "memory": 384 * 2**20}
    assert bundle_of(Demand("serving", 0.001, 1, 2)) == {"CPU": 0.0001, "memory": 2**20, "GPU": 2.0}


@pytest.mark.parametrize(
    ("nodes", "taken", "expected"),
    [
        (["a", "b"], [], ["a", "b"]),
        (["a", "b"], ["a"], ["b"]),
        (["a", "b", "c"], ["a", "b", "a", "b", "c"], ["c"]),
        (["a"], ["gone", "gone"], ["a"]),
        ([], ["a"], []),
    ],
)
def test_replicas_go_where_the_fewest_of_theirs_are(
    nodes: list[str], taken: list[str], expected: list[str]
) -> None:
    assert least_used(nodes, taken) == expected


@dataclass
class Room:
    """Answers as Ray would, with the nodes that it has."""

    free: dict[str, int]
    asked: list[tuple[Sequence[str] | None, list[str]]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def reserve(
        self,
        name: str,
        bundles: Sequence[Mapping[str, float]],
        *,
        strategy: str,
        on: Sequence[str] | None = None,
        avoid: Sequence[str] = (),
        on_wait: Callable[[], object] = lambda: None,
    ) -> list[str]:
        self.asked.append((on, list(avoid)))
        await asyncio.sleep(0)
        while True:
            if strategy == "SPREAD" and sum(self.free[node] > 0 for node in on or ()) >= len(bundles):
                found = [node for node in on or () if self.free[node]][: len(bundles)]
                for node in found:
                    self.free[node] -= 1
                return found
            if strategy == "PACK" and sum(self.free[node] for node in on or ()) >= len(bundles):
                found = [node for node in on or () for _ in range(self.free[node])][: len(bundles)]
                for node in found:
                    self.free[node] -= 1
                return found
            for node, room in self.free.items():
                if room >= len(bundles) and node not in avoid and (on is None or node in on):
                    self.free[node] -= len(bundles)
                    return [node] * len(bundles)
            on_wait()
            await self.changed.wait()
            self.changed.clear()

    def release(self, name: str) -> None:
        self.released.append(name)


async def test_hosts_of_a_job_are_on_one_node_and_wait_until_there_is_room_for_all() -> None:
    room, waited = Room({"platform": 1, "b": 1}), list[str]()
    places = ClusterPlaces(room, lambda: ["platform", "b"], lambda: [])
    waiting = asyncio.create_task(places.together("job", [TRAINING] * 2, waited.append))
    while not waited:
        await asyncio.sleep(0)
    room.free["b"] = 2
    room.changed.set()
    assert await waiting == ("b", "b")
    assert await places.together("own", [TRAINING], str, Needs(own=True)) == (None,)
    assert waited == ["2 instances that reserve 1 processors and 384 MiB each; there is no node"]


async def test_hosts_of_a_job_are_spread_where_somebody_wants_that() -> None:
    nodes = ["b", "platform"]
    places = ClusterPlaces(
        Room({"platform": 2, "b": 2}), lambda: nodes, lambda: [], lambda: nodes, spreads_jobs=True
    )
    assert set(await places.together("job", [TRAINING] * 2, str)) == {"b", None}
    assert await places.together("own", [TRAINING], str, Needs(own=True)) == (None,)


async def test_hosts_of_a_job_are_on_several_nodes_where_no_single_one_has_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sagehen.cluster.placement.places._LOOK_S", 0.0)
    room, wired = Room({"platform": 1, "b": 1, "c": 2}), ["platform"]
    places = ClusterPlaces(room, lambda: ["platform", "b", "c"], lambda: [], lambda: wired)
    assert await places.together("one", [TRAINING] * 2, str) == ("c", "c")
    waiting = asyncio.create_task(places.together("two", [TRAINING] * 2, str))
    while len(room.asked) < 2:
        await asyncio.sleep(0)
    wired.append("b")  # until then, there was no second one to have a network with
    assert set(await asyncio.wait_for(waiting, 20)) == {"b", None}
    assert room.asked == [(None, []), (None, []), (None, []), (["b", "platform"], [])]
    alone = asyncio.create_task(places.together("three", [TRAINING], str))
    while len(room.asked) < 5:
        await asyncio.sleep(0)
    room.free["c"] = 1
    room.changed.set()
    assert await asyncio.wait_for(alone, 20) == ("c",)


async def test_who_waits_asks_anew_when_other_nodes_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.cluster.placement.places._LOOK_S", 0.0)
    room, closed = Room({"platform": 1}), ["platform"]
    places = ClusterPlaces(room, lambda: [], lambda: closed)
    waiting = asyncio.create_task(places.together("job", [TRAINING], str))
    while not room.asked:
        await asyncio.sleep(0)
    closed.clear()
    assert await waiting == (None,)
    assert room.asked == [(None, ["platform"]), (None, [])]


async def test_replicas_are_spread_and_go_back() -> None:
    room = Room({"platform": 9, "b": 9})
    places = ClusterPlaces(room, lambda: ["platform", "b"], lambda: [])
    found = await asyncio.gather(
        *(places.spread(f"i-{at}", "e v", Demand("serving", 1, 1)) for at in range(4))
    )
    assert sorted(found, key=str) == [None, None, "b", "b"]
    first = found.index("b")
    places.give_back(f"i-{first}")
    assert await places.spread("i-9", "e v", Demand("serving", 1, 1)) == "b"
    assert room.released == [f"i-{first}"]


async def test_what_needs_files_goes_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.cluster.placement.places._LOOK_S", 0.0)
    room, ready, have = Room({"platform": 0, "b": 9, "c": 1}), ["platform", "b"], {"platform"}
    asked: list[Needs] = []

    async def having(needs: Needs) -> Collection[str]:
        asked.append(needs)
        return have & set(ready)

    places = ClusterPlaces(room, lambda: ready, lambda: [], lambda: ready, having=having)
    python = Needs(files=(Path("/venv/bin/python"),))
    waiting = asyncio.create_task(places.together("job", [TRAINING], str, python))
    while not room.asked:
        await asyncio.sleep(0)
    have.add("c")
    ready.append("c")  # a machine has joined that has them too
    assert await asyncio.wait_for(waiting, 20) == ("c",)
    assert asked == [python] * 2 and room.asked == [(["platform"], []), (["c", "platform"], [])]
    room.free["platform"] = 1
    serving = Demand("serving", 1, 1)
    assert await places.spread("i-1", "e v", serving, python) is None  # b has none of its group, and no files
    assert await places.spread("i-2", "e v", serving) == "b"
    assert len(asked) == 3
    room.free["c"] = 1
    assert await places.spread("i-3", "e v", serving, Needs(image=True)) == "c"
    assert asked[3].image


async def test_instances_without_a_network_together_go_where_none_can_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sagehen.cluster.placement.places._LOOK_S", 0.0)
    room, ready = Room({"platform": 1, "b": 1}), ["platform", "b"]
    places = ClusterPlaces(room, lambda: ready, lambda: [], wired=lambda: ["platform"])
    found = await asyncio.wait_for(places.together("j", [TRAINING] * 2, str, Needs(apart=True)), 20)
    assert set(found) == {None, "b"}


def test_a_drained_node_closes_while_another_one_takes_instances() -> None:
    ready, draining = ["b"], ["platform"]
    places = ClusterPlaces(Room({}), lambda: ready, lambda: draining, draining=lambda: draining)
    heard: list[bool] = []
    places.on_change(lambda: heard.append(places.is_closing(None)))
    assert places.is_closing(None) and not places.is_closing("b")
    ready.clear()
    places.changed()
    assert heard == [False]


def test_who_waits_is_told_of_each_node_why() -> None:
    full = NodeRecord("full", cpus=2.0, memory_mib=4000, is_counted=True)
    nodes = [
        replace(full, name="platform", is_draining=True),
        full,
        replace(full, name="small", memory_mib=300),
        replace(full, name="away", seen=1.0),
        NodeRecord("new"),
        replace(full, name="left", seen=1.0, has_left=True),
    ]
    expected = (
        "platform is drained, full is full, small is too small, away cannot be reached, new is starting"
    )
    said = why_waiting([bundle_of(TRAINING)], nodes)
    assert said == f"an instance reserves 1 processors and 384 MiB; {expected}"
    gpu = bundle_of(Demand("training", 2.0, 384, 1))
    assert why_waiting([gpu] * 2, nodes, on=["full"]) == (
        "2 instances that reserve 1 processors and 384 MiB and 1 GPUs each; full is too small"
    )
    assert why_waiting([gpu], [full] * 7).endswith(", 2 more take nothing either")


def test_states_of_nodes() -> None:
    now = 100.0
    registry = Registry(lambda: now, ["drained"])

    def states() -> dict[str, str]:
        return {record.name: record.state(now, 65.0) for record in registry.all()}

    for name in ("drained", "good", "stranger"):
        registry.linked(name, host="h")
    counted = [SeenNode(name, "10.0.0.1", True, 2.0, 1000, 0.0) for name in ("drained", "good", "unlinked")]
    registry.counted(counted)
    assert states() == {"drained": "draining", "good": "ready", "stranger": "starting"}
    assert registry.taking() == ["good"] and registry.closed() == ["drained"]
    registry.unlinked("good")
    registry.counted(counted)  # Ray notices later, if at all
    assert registry.taking() == [] and registry.closed() == ["drained", "good"]
    now = 164.0
    assert states()["good"] == "unreachable"
    now = 165.0
    assert states()["good"] == "lost"
    registry.linked("good")  # a cut that Ray has not noticed: it counts nothing anew
    assert registry.taking() == ["good"]
    registry.drain("drained", take_again=True)
    assert registry.taking() == ["drained", "good"] and registry.drained == []
    registry.left("good")
    assert states()["good"] == "left" and registry.closed() == ["good"]
    with pytest.raises(KeyError):
        registry.drain("nobody")
    registry.remove("drained")
    registry.counted(counted)  # by Ray it is, until the platform is started anew
    assert "drained" not in states() and "drained" in registry.closed()
    assert not registry.is_known("drained") and registry.is_known("good")
    again = Registry(lambda: now, registry.drained, registry.removed)
    assert not again.is_known("drained") and again.drained == []
    with pytest.raises(KeyError):
        registry.remove("drained")


@pytest.mark.parametrize("text", ["10.0.0.5", "10.0.0.5:4567"])
def test_an_address(text: str) -> None:
    assert read_address(text) == ("10.0.0.5", 4567)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "box",
        "10.0.0.5:",
        "10.0.0.5:70000",
        "10.0.0.5:４567",
        "1.2.3",
    ],
)
def test_what_nodes_cannot_reach_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        read_address(text)
