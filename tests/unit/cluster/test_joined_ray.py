"""Somebody else's Ray: on which nodes agents are started and end, what is reserved where, what is refused."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from sagehen.cluster.agent import guest
from sagehen.cluster.agent.guest import forsaken
from sagehen.cluster.kinship import kinship
from sagehen.cluster.placement.own_room import OwnRoom
from sagehen.cluster.placement.places import OWN, ClusterPlaces
from sagehen.cluster.ray import errand
from sagehen.cluster.ray.agents import Try, due, over, problem_of
from sagehen.cluster.ray.client import SeenNode
from sagehen.cluster.ray.shared import SharedReserves
from sagehen.domain.ports.compute.places import Demand, Needs

A = SeenNode("ray-a", "10.0.0.1", alive=True, cpus=2.0, memory_mib=1000, gpus=0.0)
B = SeenNode("ray-b", "10.0.0.2", alive=True, cpus=2.0, memory_mib=1000, gpus=0.0)
DEAD = SeenNode("ray-dead", "10.0.0.3", alive=False, cpus=2.0, memory_mib=1000, gpus=0.0)


@pytest.mark.parametrize(
    ("tries", "linked", "removed", "now", "expected"),
    [
        ({}, [], [], 7.9, []),  # agents of the last life may dial still
        ({}, [], [], 8.0, ["ray-a", "ray-b"]),
        ({}, ["ray-a"], [], 8.0, ["ray-b"]),
        ({}, [], ["ray-b"], 8.0, ["ray-a"]),
        ({"ray-a": Try()}, [], [], 8.0, ["ray-b"]),  # one is under way
        ({"ray-a": Try(3, 10.0, "no")}, [], [], 29.9, ["ray-b"]),
        ({"ray-a": Try(3, 10.0, "no")}, [], [], 30.0, ["ray-a", "ray-b"]),
        ({"ray-a": Try(2000, 10.0, "no")}, [], [], 310.0, ["ray-a", "ray-b"]),
        ({str(each): Try() for each in range(7)}, [], [], 8.0, ["ray-a"]),
    ],
)
def test_where_agents_are_started(
    tries: dict[str, Try], linked: list[str], removed: list[str], now: float, expected: list[str]
) -> None:
    assert due([A, B, DEAD], tries, linked=linked, removed=removed, now=now, since=0.0) == expected


def test_what_came_of_it_is_kept() -> None:
    failed = Try().ended_at(3.0, "no")
    assert failed.again() == Try(2) and Try().ended_at(3.0, "").again() == Try(1)
    tries = {"ray-a": failed, "ray-b": failed, "ray-dead": failed}
    assert problem_of([A, B, DEAD], tries, ["ray-b"]) == "ray-a (10.0.0.1) takes nothing: no"
    assert problem_of([A], {"ray-a": Try()}, []) is None


def test_an_agent_ends_when_ray_counts_it_no_more_and_nothing_runs_there() -> None:
    linked = ["ray-a", "ray-dead", "ray-gone"]
    assert over([A, DEAD], linked=linked, running=["ray-gone"]) == ["ray-dead"]


async def test_room_on_the_platforms_machine_is_given_in_the_order_in_which_it_was_asked_for() -> None:
    room, waited = OwnRoom({"CPU": 2.0, "memory": 100.0}), list[str]()

    async def take(name: str, cpus: float) -> str:
        await room.reserve(name, [{"CPU": cpus}, {"memory": 10.0}], lambda: waited.append(name))
        return name

    assert await take("first", 1.5) == "first"
    large, small = asyncio.create_task(take("large", 1.0)), asyncio.create_task(take("small", 0.5))
    await asyncio.sleep(0)
    assert waited == ["large", "small"] and not small.done()
    large.cancel()
    assert await asyncio.wait_for(small, 30) == "small"
    room.release("nobody")
    room.release("first")
    assert await asyncio.wait_for(take("more", 1.5), 30) == "more"


class There:
    """Has room at once, and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[str] | None]] = []

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
        self.asked.append((name, on))
        assert on
        return [on[0]] * len(bundles)

    def release(self, name: str) -> None:
        self.asked.append((f"-{name}", None))


async def test_only_nodes_that_have_an_agent_are_asked_for_and_our_own_machine_is_not_rays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sagehen.cluster.placement.places._LOOK_S", 0.0)
    there, ready, waited = There(), list[str](), list[str]()

    async def having(needs: Needs) -> list[str]:
        return [] if needs == Needs() and not ready else ready or [OWN]

    reserves = SharedReserves(there, OwnRoom({"CPU": 1.0, "memory": 2.0**40}))
    places = ClusterPlaces(
        reserves, lambda: ready, lambda: ["drained"], lambda: ready, having=having, names_nodes=True
    )
    training = Demand("training", 2.0, 384)
    waiting = asyncio.create_task(places.together("job", [training], waited.append))
    while not waited:
        await asyncio.sleep(0)
    assert there.asked == [] and waited == ["an instance reserves 1 processors and 384 MiB; there is no node"]
    assert await places.together("own", [training], str, Needs(own=True)) == (None,)
    ready += ["ray-a", "ray-b"]
    assert await asyncio.wait_for(waiting, 30) == ("ray-a",)
    assert await places.spread("i-1", "e v", Demand("serving", 1, 1)) in ready
    assert all(on == ready for name, on in there.asked if name[0] != "-")
    places.give_back("own")
    assert await asyncio.wait_for(places.together("own", [training], str, Needs(own=True)), 30) == (None,)


def test_an_errand_says_by_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert errand.begin({"is": "Sagehen 0"}, 1.0) == f"the platform is Sagehen 0, and this node {kinship()}"
    monkeypatch.setitem(sys.modules, "sagehen.cluster.kinship", None)
    assert errand.begin({"is": kinship()}, 1.0).startswith(
        f"Sagehen is not installed for {sys.executable}: pip install"
    )


def test_an_agent_that_cannot_reach_the_platform_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    order = {"is": kinship(), "host": "127.0.0.1", "port": 1, "node": "ray-a", "mark": "m", "replaces": True}
    token = f"sgh1-{'a' * 32}-{'0' * 32}"
    assert errand.begin({**order, "token": token}, 60.0).startswith("127.0.0.1:1 does not answer there: ")
    assert not list((tmp_path / "sagehen-guest").glob("*/identity"))


async def test_an_agent_ends_when_no_platform_has_been_there_for_long() -> None:
    class Node(ModuleType):
        is_linked = True

    node = Node("node")
    waiting = asyncio.create_task(forsaken(node, patience_s=0.02, look_s=0.01))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    assert not waiting.done()
    node.is_linked = False
    await asyncio.wait_for(waiting, 30)


async def test_a_replica_finds_a_node_that_came_while_it_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.cluster.placement.places._SPREAD_PATIENCE_S", 60.0)
    monkeypatch.setattr("sagehen.cluster.placement.places._SPREAD_LOOKS", 6000)
    ready, looks = list[str](), [0]

    async def having(needs: Needs) -> list[str]:
        looks[0] += 1
        if looks[0] == 3:
            ready.append("ray-a")
        return list(ready)

    reserves = SharedReserves(There(), OwnRoom({}))
    places = ClusterPlaces(reserves, lambda: ready, lambda: [], having=having, names_nodes=True)
    assert await places.spread("i-1", "e v", Demand("serving", 1, 1)) == "ray-a"


async def test_an_agent_removes_what_others_of_its_platform_left(tmp_path: Path) -> None:
    own, left, held, strange = (tmp_path / name for name in ("ray-a-m", "ray-b-m", "ray-c-m", "ray-d-x"))
    for folder in (own, left, held, strange):
        folder.mkdir()
    lock = guest._lock(held)
    assert lock is not None and guest._lock(held) is None
    await guest._sweep(own, "m")
    assert sorted(tmp_path.iterdir()) == [own, held, strange]
    os.close(lock)


def test_one_of_an_earlier_life_is_replaced(tmp_path: Path) -> None:
    code = (
        "import pathlib, shutil, sys, time\n"
        "from sagehen.cluster.agent import guest\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "held = guest._lock(folder)\n"
        "try: print('held', flush=True); time.sleep(600)\n"
        "finally: shutil.rmtree(folder); print('gone', flush=True)"
    )
    folder = tmp_path / "ray-a-m"
    folder.mkdir()
    quits = "import signal; signal.signal(signal.SIGTERM, lambda *_: exit())\n"
    with subprocess.Popen([sys.executable, "-c", quits + code, str(folder)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        assert guest._lock(folder) is None
        held = guest._replace(folder)
        assert held is not None and other.stdout.readline() == b"gone\n"
    assert guest._lock(folder) is None  # it is ours
    os.close(held)
