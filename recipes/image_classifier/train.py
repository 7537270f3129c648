"""Train an image classifier. Runs as it is: `python train.py --data folder`, under torchrun, in a
SageMaker training job on AWS or on Sagehen.

    settings -> world (ranks) -> images -> network -> [features] -> epochs -> test -> model folder
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

# Threads that wait for one another asleep, not spinning: where cores are shared with anything else
# the spinning made this very script 12 times slower. Read once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from augmentation import Augmentation
from checkpoint import Checkpoints, Position
from images import Images, class_names, split_folder
from network import Description, build_network, load_pretrained, save_model
from progress import Progress, say
from settings import Settings, read_settings
from sgd import SGD, one_cycle
from splits import FeatureScale, FeatureSplit, ImageSplit, Split, batches, compute_features
from torch import Tensor, nn
from world import SummedGradients, World

_START = time.monotonic()
# Ranks must leave at the same step, so they ask one another; each asking costs a round of messages.
_ASK_EVERY_STEPS = 10


class Terminated:
    """Becomes true when the machine is about to be taken away (SIGTERM; SageMaker gives 120 s)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._here = False
        self._at_once = False
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, signum: int, frame: object) -> None:
        if self._at_once:
            raise SystemExit("SIGTERM: nothing was learnt yet that a checkpoint could keep")
        self._here = True

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Leave at once while there is nothing to keep."""
        self._at_once = True
        yield
        self._at_once = False

    def now(self, step: int) -> bool:
        if self._world.size == 1:
            return self._here
        if step % _ASK_EVERY_STEPS:
            return False
        return bool(self._world.sum(torch.tensor(float(self._here))) > 0)


def main(settings: Settings) -> None:
    torch.manual_seed(settings.seed)
    if settings.model == "small":
        # Its layers are so small that a second thread gains a third and, on a busy machine, loses all.
        torch.set_num_threads(1)
    world = World()
    terminated = Terminated(world)
    splits, classes = open_splits(settings, world)
    network = build_network(settings.model, len(classes))
    pretrained = settings.model != "small" and settings.weights != "none"
    has_head = pretrained and world.leads and load_pretrained(network, settings.model, settings.weights)
    has_head = world.broadcast(has_head)
    network.to(world.device, memory_format=torch.channels_last)
    world.broadcast_tensors(network.state_dict().values())
    counts = " ".join(f"{name}={len(split)}" for name, split in splits.items())
    say(world.leads, f"model={settings.model} classes={len(classes)} images: {counts} ranks={world.size}")

    if settings.tune == "head":
        # Nothing of the backbone changes, so its answers do not either: computed once, not once
        # per epoch, and without the graph that gradients would need.
        with terminated.at_once():
            splits, scale = freeze(network, splits, settings, world)
        learner: nn.Module = network.fc
        scale.unfold(network.fc, keep=has_head)
    else:
        learner, scale = network, None
    finished = fit(learner, splits, settings, world, terminated, freeze_norms=pretrained)
    if finished and "test" in splits:
        loss, accuracy = evaluate(learner, splits["test"], settings, world)
        say(world.leads, "test", test_loss=loss, test_accuracy=accuracy)
    if scale is not None:
        scale.fold(network.fc)
    if world.leads:
        description = Description(settings.model, classes, settings.image_size, settings.stored_size)
        save_model(settings.model_dir, network, description)
        say(True, f"model written to {settings.model_dir}", seconds=time.monotonic() - _START)
    world.close()


def open_splits(settings: Settings, world: World) -> tuple[dict[str, Split], list[str]]:
    """Find train, valid and test; the classes are the folders of train."""
    folders = {name: split_folder(settings.data, name) for name in ("train", "valid", "test")}
    train = folders["train"]
    if train is None:
        raise SystemExit("no training images: give --data FOLDER (with train/ in it) or a channel `train`")
    classes = class_names(train)
    splits: dict[str, Split] = {}
    for name, folder in folders.items():
        if folder is None:
            continue
        images = Images(folder, classes, settings.stored_size, settings.workers)
        # A frozen backbone with a single view sees the images as they are.
        augmented = name == "train" and (settings.tune == "full" or settings.views > 1)
        augmentation = (
            Augmentation(len(images), settings.image_size, settings.flip, settings.seed)
            if augmented
            else None
        )
        splits[name] = ImageSplit(images, settings.image_size, world.device, augmentation)
    return splits, classes


def freeze(
    network: nn.Module, splits: dict[str, Split], settings: Settings, world: World
) -> tuple[dict[str, Split], FeatureScale]:
    """Freeze the backbone and put its features, scaled, in the images' place."""
    frozen: dict[str, FeatureSplit] = {}
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for parameter in network.fc.parameters():
        parameter.requires_grad_(True)
    for name, split in splits.items():
        assert isinstance(split, ImageSplit)
        views = settings.views if name == "train" else 1
        started = time.monotonic()
        progress = Progress(f"features of {name}", len(split) * views, world.leads)
        frozen[name] = compute_features(network, split, views, world, autocast(settings, world), progress)
        progress.close()
        speed = len(split) * views / (time.monotonic() - started)
        say(world.leads, f"features of {name}", images_per_s=speed)
    scale = frozen["train"].scale()
    return {name: split.standardised(scale) for name, split in frozen.items()}, scale


def fit(
    learner: nn.Module,
    splits: dict[str, Split],
    settings: Settings,
    world: World,
    terminated: Terminated,
    freeze_norms: bool,
) -> bool:
    """Train for all epochs; return False where SIGTERM cut them short."""
    parameters = [parameter for parameter in learner.parameters() if parameter.requires_grad]
    optimiser = SGD(parameters, settings.weight_decay)
    gradients = SummedGradients(parameters, world)
    checkpoints = Checkpoints(settings, world)
    position = checkpoints.restore(learner, optimiser)
    if position != Position():
        say(world.leads, f"resumed at epoch {position.epoch + 1}, step {position.step}")
    train = splits["train"]
    steps = -(-len(train) // settings.batch_size)
    while position.epoch < settings.epochs:
        started, already = time.monotonic(), position.seen
        set_training(learner, freeze_norms)
        # Nearly equal batches: no rank is ever left with an empty shard of a short last one.
        order = torch.randperm(
            len(train), generator=torch.Generator().manual_seed(settings.seed + position.epoch)
        )
        all_batches = order.tensor_split(steps)
        shards = [world.shard(batch) for batch in all_batches[position.step :]]
        progress = Progress(f"epoch {position.epoch + 1}", len(train), world.leads)
        progress.advance(position.seen)
        for inputs, labels_B in batches(train, shards, position.epoch):
            batch_size = len(all_batches[position.step])
            with autocast(settings, world):
                scores_BC = learner(inputs)
                loss = F.cross_entropy(
                    scores_BC, labels_B, label_smoothing=settings.label_smoothing, reduction="sum"
                )
            (loss / batch_size).backward()
            gradients.wait()
            done = position.epoch * steps + position.step
            optimiser.step(one_cycle(done, settings.epochs * steps, settings.learning_rate))
            if done == 0:
                say(world.leads, first_step_s=time.monotonic() - _START)
            position.step += 1
            position.loss_sum += loss.item()
            position.correct += (scores_BC.argmax(1) == labels_B).sum().item()
            position.seen += batch_size
            progress.advance(batch_size)
            if terminated.now(position.step):
                share_sums(position, world)
                checkpoints.save(learner, optimiser, position)
                say(world.leads, f"SIGTERM: checkpoint at epoch {position.epoch + 1}, step {position.step}")
                return False
        progress.close()
        share_sums(position, world)
        average_norms(learner, world)
        took = time.monotonic() - started
        metrics = {
            "train_loss": position.loss_sum / position.seen,
            "train_accuracy": position.correct / position.seen,
        }
        if "valid" in splits:
            loss, accuracy = evaluate(learner, splits["valid"], settings, world)
            metrics |= {"valid_loss": loss, "valid_accuracy": accuracy}
        speed = (position.seen - already) / took
        say(world.leads, f"epoch {position.epoch + 1}", **metrics, images_per_s=speed)
        position = Position(epoch=position.epoch + 1)
        if checkpoints.due():
            checkpoints.save(learner, optimiser, position)
    return True


def set_training(learner: nn.Module, freeze_norms: bool) -> None:
    """Pretrained batch norms keep their statistics: small batches would only blur them."""
    learner.train()
    if freeze_norms:
        for module in learner.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def average_norms(learner: nn.Module, world: World) -> None:
    """Give every rank the mean of the running statistics that each gathered from its shards."""
    if world.size > 1:
        for buffer in learner.buffers():
            if buffer.is_floating_point():
                buffer.copy_(world.sum(buffer) / world.size)


def share_sums(position: Position, world: World) -> None:
    """Replace this rank's sums by those of all ranks, once per epoch, at the end of what it did."""
    sums = world.sum(torch.tensor([position.loss_sum, position.correct], dtype=torch.float64))
    position.loss_sum, position.correct = sums.tolist()


@torch.inference_mode()
def evaluate(learner: nn.Module, split: Split, settings: Settings, world: World) -> tuple[float, float]:
    """Return (mean loss, accuracy) over a whole split, each rank working on its share."""
    learner.eval()
    sums = torch.zeros(2, dtype=torch.float64)
    share = world.shard(torch.arange(len(split)))
    parts = list(share.split(settings.batch_size * 2)) if len(share) else []
    for inputs, labels_B in batches(split, parts, epoch=0):
        with autocast(settings, world):
            scores_BC: Tensor = learner(inputs)
        sums[0] += F.cross_entropy(scores_BC.float(), labels_B, reduction="sum").item()
        sums[1] += (scores_BC.argmax(1) == labels_B).sum().item()
    loss, correct = world.sum(sums).tolist()
    return loss / len(split), correct / len(split)


def autocast(settings: Settings, world: World) -> AbstractContextManager[object]:
    """bfloat16 where it pays: for ResNets, on GPUs and CPUs that compute in it.

    On a 2-core CPU with AMX a ResNet-18 classified and trained several times as many images per
    second with it (README); the small network is too small to gain.
    """
    wanted = settings.precision
    if wanted == "auto":
        if world.device.type == "cuda":
            has_it = torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            has_it = settings.model != "small" and cpu_computes_bfloat16()
        wanted = "bfloat16" if has_it else "float32"
    if wanted == "float32":
        return contextlib.nullcontext()
    return torch.autocast(world.device.type, torch.bfloat16)


def cpu_computes_bfloat16() -> bool:
    asks = (
        getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return any(ask() for ask in asks if ask is not None)


if __name__ == "__main__":
    main(read_settings(sys.argv[1:]))
