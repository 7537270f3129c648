"""Instances of several containers on machines of a cluster: all of one together, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.ports.compute.places import Demand, Needs
from sagehen.executors.base import ExitStatus, Interpreter
from sagehen.services.sagemaker.images.mapping import Image, Images
from sagehen.services.sagemaker.instances.gpu_types import GpuTypes
from sagehen.services.sagemaker.models.records import ModelRecord

from .conftest import IMAGE, ROLE, SCOPE

OTHER = f"{IMAGE}-of-a-built-environment"


class Machines:
    """Places: the first machine that is open takes all."""

    def __init__(self) -> None:
        self.open = ["node-1", "node-2"]
        self.drained: list[str] = []
        self.asked: list[tuple[str, Demand, Needs]] = []
        self.given_back: list[str] = []

    async def spread(self, name: str, group: str, demand: Demand, needs: Needs) -> str:
        self.asked.append((name, demand, needs))
        return self.open[0]

    def give_back(self, name: str) -> None:
        self.given_back.append(name)

    def is_closing(self, node: str | None) -> bool:
        return node in self.drained


@pytest.fixture
async def machines(world: Any, monkeypatch: pytest.MonkeyPatch) -> Machines:
    made = Machines()
    monkeypatch.setattr(world.means.capacity, "_places", made)
    return made


async def create(world: Any, last_image: str = IMAGE) -> None:
    """Create the endpoint `e`, of three containers in a row."""
    object.__setattr__(world.means.surroundings, "gpu_types", GpuTypes(present=4))
    data = {"ModelDataUrl": world.put_model("model.tar.gz", {"weights": "w"})}
    containers = [
        {"Image": IMAGE, "ContainerHostname": "scale"},
        {"Image": IMAGE, "ContainerHostname": "predict", **data},
        {"Image": last_image, "ContainerHostname": "label", **data},
    ]
    request = {"ModelName": "m", "ExecutionRoleArn": ROLE, "Containers": containers}
    await world.models.add(ModelRecord(SCOPE, "m", world.clock.now(), request), ())
    await world.add_config("c", {"ModelName": "m", "InstanceType": "ml.g4dn.xlarge"})
    await world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")


async def serving(world: Any, before: Sequence[Any] = ()) -> list[Any]:
    """Wait until one instance, of none of those before, serves alone; return its sandboxes."""
    async with asyncio.timeout(60):
        while True:
            (variant,) = (await world.call("DescribeEndpoint", EndpointName="e"))["ProductionVariants"]
            found: list[Any] = world.executor.running
            if variant["CurrentInstanceCount"] == 1 and len(found) == 3 and not set(found) & set(before):
                return found
            await asyncio.sleep(0.01)


async def test_all_of_one_instance_are_placed_at_once(
    world: Any, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, python = Images.resolve, Interpreter("/e/bin/python", (Path("/e"),), (3, 11))

    def resolved(images: Images, uri: str, purpose: Any) -> Image:
        image = resolve(images, uri, purpose)
        environment = replace(image.environment, interpreter=python if uri == OTHER else None)
        return replace(image, environment=environment)

    monkeypatch.setattr(Images, "resolve", resolved)
    await create(world, OTHER)
    specs = [sandbox.spec for sandbox in await serving(world)]
    first = specs[0].name
    assert [(spec.name, spec.node) for spec in specs] == [
        (first, "node-1"),
        (f"{first}-1", "node-1"),
        (f"{first}-2", "node-1"),
    ]
    # Each is reached, and finds others, by itself alone, as where the platform is.
    assert len({spec.sockets for spec in specs}) == len({spec.network.name for spec in specs}) == 3
    models = [mount.source for spec in specs for mount in spec.mounts if mount.target == "/opt/ml/model"]
    assert len(set(models)) == 3
    # What all of them take is reserved, once, where all can be: a GPU is one container's.
    assert [spec.gpus for spec in specs] == [1, 1, 1]
    ((name, demand, needs),) = machines.asked
    files = (Path("/e/bin/python"), Path("/e"))
    assert (name, demand.gpus, demand.memory_mib, needs) == (first, 3, 3 * 384, Needs(files=files))


async def test_one_that_ends_a_lost_machine_and_a_drain(world: Any, machines: Machines) -> None:
    await create(world)
    first = await serving(world)
    first[1].end(ExitStatus(137, 9))
    second = await serving(world, first)
    lines = [line for *_, line in world.recorder.lines]
    assert "sagehen: The predict container for production variant v0 ended with exit code 137." in lines

    machines.open = ["node-2"]
    for sandbox in second:
        sandbox.end(ExitStatus(137, 9, is_lost=True))
    third = await serving(world, [*first, *second])
    assert [sandbox.spec.node for sandbox in third] == ["node-2"] * 3
    assert "sagehen: the machine that it ran on is lost" in [line for *_, line in world.recorder.lines]

    machines.open, machines.drained = ["node-1"], ["node-2"]
    answers = list[str]()

    async def ask(until: Callable[[], bool]) -> None:
        while not until():
            answers.append((await world.invoke("e"))["Body"].decode())

    moved = asyncio.create_task(serving(world, [*first, *second, *third]))
    world.loops.poke(SCOPE, "e")
    await asyncio.wait_for(ask(moved.done), 60)
    fourth = await moved
    assert [sandbox.spec.node for sandbox in fourth] == ["node-1"] * 3
    assert [sandbox.signals for sandbox in third] == [["TERM"]] * 3
    assert answers[0] == third[-1].name  # the last container's is the answer
    assert (await world.invoke("e"))["Body"].decode() == fourth[-1].name
    reserved = [boxes[0].name for boxes in (first, second, third)]
    await world.until(lambda: machines.given_back == reserved)
