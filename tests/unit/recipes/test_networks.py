"""The networks' parameter names are torchvision's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.torch

# torchvision's parameter counts with 1000 classes, from its documentation.
COUNTS = {"resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032, "resnet101": 44_549_160}
BATCH_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def torchvision_names(depths: tuple[int, ...], convolutions: int) -> set[str]:
    """Spell out torchvision's state_dict keys. `convolutions`: in a block."""
    names = {"conv1.weight", "fc.weight", "fc.bias"} | {f"bn1.{part}" for part in BATCH_NORM}
    for stage, depth in enumerate(depths, start=1):
        for block in range(depth):
            root = f"layer{stage}.{block}"
            for index in range(1, convolutions + 1):
                names.add(f"{root}.conv{index}.weight")
                names |= {f"{root}.bn{index}.{part}" for part in BATCH_NORM}
            if block == 0 and (stage > 1 or convolutions == 3):
                names.add(f"{root}.downsample.0.weight")
                names |= {f"{root}.downsample.1.{part}" for part in BATCH_NORM}
    return names


@pytest.mark.parametrize("name", COUNTS)
def test_resnets_are_torchvisions(name: str) -> None:
    import torch
    from resnet import RESNETS, ResNet

    depths, bottlenecks = RESNETS[name]
    with torch.device("meta"):
        network = ResNet(name, 1000)
    assert set(network.state_dict()) == torchvision_names(depths, 3 if bottlenecks else 2)
    assert sum(parameter.numel() for parameter in network.parameters()) == COUNTS[name]
    if bottlenecks:  # torchvision strides in the 3x3 convolution
        assert network.layer2[0].conv2.stride == (2, 2) and network.layer2[0].conv1.stride == (1, 1)


def test_an_augmented_view_belongs_to_epoch_and_image() -> None:
    import torch
    from augmentation import Augmentation

    images = torch.randint(0, 256, (6, 3, 32, 32), dtype=torch.uint8)
    one, other = (Augmentation(6, 32, flip=True, seed=1) for _ in range(2))
    device = torch.device("cpu")
    whole = one(images, torch.arange(6), 3, device)
    shard = torch.tensor([1, 4])
    torch.testing.assert_close(other(images[shard], shard, 3, device), whole[shard])
    assert not torch.allclose(one(images, torch.arange(6), 4, device), whole)


def test_one_cycle_rises_and_falls_to_nothing() -> None:
    import torch
    from optimiser import one_cycle

    layer = torch.nn.Linear(2, 2)
    optimiser, schedule = one_cycle(layer, learning_rate=0.1, weight_decay=0.01, steps=100)
    weights, biases = optimiser.param_groups
    assert (weights["weight_decay"], biases["weight_decay"]) == (0.01, 0.0)
    rates = []
    for _ in range(100):
        rates.append(weights["lr"])
        optimiser.step()
        schedule.step()
    assert 0 < rates[0] < rates[5] < rates[13]
    assert rates[14] == pytest.approx(0.1)
    assert rates[57] == pytest.approx(0.05, abs=0.001)
    assert rates[99] == pytest.approx(0.0, abs=1e-6)


def test_sums_of_a_cut_epoch_are_carried_on_by_one_rank(tmp_path: Path) -> None:
    import torch
    from checkpoint import Checkpoints, Position
    from optimiser import one_cycle
    from settings import read_settings

    class Rank:
        def __init__(self, rank: int) -> None:
            self.leads = rank == 0

        def broadcast(self, thing: Any) -> Any:
            self.sent = thing
            return thing or leader.sent

    settings = read_settings(["--checkpoint_dir", str(tmp_path), "--epochs=7"])
    assert (settings.epochs, settings.tune, settings.flip) == (7, "full", False)
    leader, follower = Rank(0), Rank(1)

    def checkpoints(rank: Rank, settings: Any = settings) -> Checkpoints:
        learner = torch.nn.Linear(2, 2)
        return Checkpoints(settings, rank, learner, *one_cycle(learner, 0.1, 0.0, 9))  # type: ignore[arg-type]

    position = Position(epoch=1, step=3, loss_sum=8.0, correct=5.0, seen=6)
    checkpoints(leader).save(position)
    assert checkpoints(leader).restore() == position
    assert checkpoints(follower).restore() == Position(epoch=1, step=3, loss_sum=0.0, correct=0.0, seen=6)
    # A checkpoint of a run with other settings is not gone on from.
    other = read_settings(["--checkpoint-dir", str(tmp_path), "--epochs", "8"])
    assert checkpoints(leader, other).restore() == Position()


def test_a_checkpoint_holds_momentum_and_rate(tmp_path: Path) -> None:
    import torch
    from checkpoint import Checkpoints, Position
    from optimiser import one_cycle
    from settings import read_settings
    from world import World

    settings = read_settings(["--checkpoint-dir", str(tmp_path)])
    inputs = torch.randn(6, 4, 3, generator=torch.Generator().manual_seed(0))

    def begin() -> tuple[Any, ...]:
        torch.manual_seed(1)
        learner = torch.nn.Linear(3, 2)
        optimiser, schedule = one_cycle(learner, 0.1, 0.01, steps=6)
        return learner, optimiser, schedule, Checkpoints(settings, World(), learner, optimiser, schedule)

    def steps(learner: Any, optimiser: Any, schedule: Any, first: int, last: int) -> None:
        for step in range(first, last):
            learner(inputs[step]).square().mean().backward()
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()

    *whole, _ = begin()
    steps(*whole, 0, 6)
    *cut, checkpoints = begin()
    steps(*cut, 0, 3)
    checkpoints.save(Position(step=3))
    *resumed, checkpoints = begin()
    assert checkpoints.restore() == Position(step=3)
    steps(*resumed, 3, 6)
    assert torch.equal(resumed[0].weight, whole[0].weight)
    assert torch.equal(resumed[0].bias, whole[0].bias)
