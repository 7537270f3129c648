"""Train an image classifier. Runs as it is: `python train.py --data folder`, under torchrun, in a
SageMaker training job on AWS or on Sagehen.

    settings -> world (ranks) -> images -> network -> [features] -> epochs -> test -> model folder
"""

from __future__ import annotations

import os
import sys
import time

# Threads that wait for one another asleep, not spinning: where cores are shared with anything else
# the spinning made this very script 12 times slower. Read once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from checkpoint import Checkpoints, Position
from evaluation import evaluate
from features import freeze
from memory import keep_freed_memory
from network import Description, build_network, load_pretrained, save_model
from optimiser import one_cycle
from precision import autocast
from progress import Progress, say
from settings import Settings, read_settings
from splits import Split, batches, open_splits
from termination import Termination
from torch import Tensor, nn
from world import World

_START = time.monotonic()


def main(settings: Settings) -> None:
    keep_freed_memory()
    torch.manual_seed(settings.seed)
    if settings.model == "small":
        # Its layers are so small that a second thread gains a third and, on a busy machine, loses all.
        torch.set_num_threads(1)
    world = World()
    termination = Termination(world)
    splits, classes = open_splits(settings, world.device)
    network = build_network(settings.model, len(classes))
    pretrained = settings.model != "small" and settings.weights != "none"
    has_head = pretrained and world.leads and load_pretrained(network, settings.model, settings.weights)
    has_head = world.broadcast(has_head)
    network.to(world.device, memory_format=torch.channels_last)
    world.broadcast_tensors(network.state_dict().values())
    counts = " ".join(f"{name}={len(split)}" for name, split in splits.items())
    say(world.leads, f"model={settings.model} classes={len(classes)} images: {counts} ranks={world.size}")

    learner: nn.Module = network
    scale = None
    if settings.tune == "head":
        # Nothing of the backbone changes, so its answers do not either: computed once, not once
        # per epoch, and without the graph that gradients would need.
        with termination.at_once():
            splits, scale = freeze(network, splits, settings, world)
        learner = network.fc
        scale.unfold(network.fc, keep=has_head)
    finished = fit(learner, splits, settings, world, termination, freeze_norms=pretrained)
    if finished and "test" in splits:
        loss, accuracy = evaluate(learner, splits["test"], autocast(settings, world.device), world)
        say(world.leads, "test", test_loss=loss, test_accuracy=accuracy)
    if scale is not None:
        scale.fold(network.fc)
    if world.leads:
        description = Description(settings.model, classes, settings.image_size, settings.stored_size)
        save_model(settings.model_dir, network, description)
        say(True, f"model written to {settings.model_dir}", seconds=time.monotonic() - _START)
    world.close()


def fit(
    learner: nn.Module,
    splits: dict[str, Split],
    settings: Settings,
    world: World,
    termination: Termination,
    freeze_norms: bool,
) -> bool:
    """Train for all epochs; return False where SIGTERM cut them short."""
    steps = -(-len(splits["train"]) // settings.batch_size)
    optimiser, schedule = one_cycle(
        learner, settings.learning_rate, settings.weight_decay, steps * settings.epochs
    )
    checkpoints = Checkpoints(settings, world, learner, optimiser, schedule)
    position = checkpoints.restore()
    if position != Position():
        say(world.leads, f"resumed at epoch {position.epoch + 1}, step {position.step}")
    parallel = world.parallel(learner)
    while position.epoch < settings.epochs:
        started, already = time.monotonic(), position.seen
        set_training(learner, freeze_norms)
        whole_batches = cut(len(splits["train"]), steps, settings.seed + position.epoch)
        shards = [world.shard(batch) for batch in whole_batches[position.step :]]
        progress = Progress(f"epoch {position.epoch + 1}", len(splits["train"]), world.leads)
        progress.advance(position.seen)
        for inputs, labels_B in batches(splits["train"], shards, position.epoch):
            batch_size = len(whole_batches[position.step])
            loss, scores_BC = differentiate(parallel, inputs, labels_B, batch_size, settings, world)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            if position.epoch == position.step == 0:
                say(world.leads, first_step_s=time.monotonic() - _START)
            position.step += 1
            position.loss_sum += loss.item()
            position.correct += (scores_BC.argmax(1) == labels_B).sum().item()
            position.seen += batch_size
            progress.advance(batch_size)
            if termination.due(position.step):
                share_sums(position, world)
                world.average_statistics(learner)
                checkpoints.save(position)
                say(world.leads, f"SIGTERM: checkpoint at epoch {position.epoch + 1}, step {position.step}")
                return False
        progress.close()
        share_sums(position, world)
        world.average_statistics(learner)
        metrics = {
            "train_loss": position.loss_sum / position.seen,
            "train_accuracy": position.correct / position.seen,
            "images_per_s": (position.seen - already) / (time.monotonic() - started),
        }
        if "valid" in splits:
            loss_mean, accuracy = evaluate(learner, splits["valid"], autocast(settings, world.device), world)
            metrics |= {"valid_loss": loss_mean, "valid_accuracy": accuracy}
        say(world.leads, f"epoch {position.epoch + 1}", **metrics)
        position = Position(epoch=position.epoch + 1)
        if checkpoints.due():
            checkpoints.save(position)
    return True


def differentiate(
    parallel: nn.Module, inputs: Tensor, labels_B: Tensor, batch_size: int, settings: Settings, world: World
) -> tuple[Tensor, Tensor]:
    """Add the gradients of one batch; return this rank's sum of losses and its scores.

    Args:
        batch_size: Of all ranks' shards together.
    """
    with autocast(settings, world.device):
        scores_BC = parallel(inputs)
        loss = F.cross_entropy(scores_BC, labels_B, label_smoothing=settings.label_smoothing, reduction="sum")
    # Ranks average their gradients; times their number that is the sum over the whole batch, and right
    # also where their shards differ in size.
    (loss * world.size / batch_size).backward()
    return loss, scores_BC


def cut(count: int, steps: int, seed: int) -> list[Tensor]:
    """Shuffle and cut into nearly equal batches: no rank is left with an empty shard of a short last one."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return list(order.tensor_split(steps))


def set_training(learner: nn.Module, freeze_norms: bool) -> None:
    """Pretrained batch norms keep their statistics: small batches would only blur them."""
    learner.train()
    if freeze_norms:
        for module in learner.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def share_sums(position: Position, world: World) -> None:
    """Replace this rank's sums by those of all ranks, once per epoch, at the end of what it did."""
    sums = world.sum(torch.tensor([position.loss_sum, position.correct], dtype=torch.float64))
    position.loss_sum, position.correct = sums.tolist()


if __name__ == "__main__":
    main(read_settings(sys.argv[1:]))
