"""Features: a frozen backbone sees every image once, and its answers take the images' place."""

from __future__ import annotations

import time

import torch
from precision import autocast
from progress import Progress, say
from resnet import ResNet
from settings import Settings
from small_network import SmallNetwork
from splits import FeatureScale, FeatureSplit, ImageSplit, Split, batches
from world import World

_BATCH = 32  # images in one forward pass


def freeze(
    network: ResNet | SmallNetwork, splits: dict[str, Split], settings: Settings, world: World
) -> tuple[dict[str, Split], FeatureScale]:
    """Freeze all but the last layer; return the splits as scaled features, and the scale."""
    network.requires_grad_(False)
    network.fc.requires_grad_(True)
    frozen: dict[str, FeatureSplit] = {}
    for name, split in splits.items():
        assert isinstance(split, ImageSplit)
        views = settings.views if name == "train" else 1
        started = time.monotonic()
        progress = Progress(f"features of {name}", len(split) * views, world.leads)
        frozen[name] = compute_features(network, split, views, settings, world, progress)
        progress.close()
        speed = len(split) * views / (time.monotonic() - started)
        say(world.leads, f"features of {name}", images_per_s=speed)
    scale = frozen["train"].scale()
    return {name: split.standardised(scale) for name, split in frozen.items()}, scale


@torch.inference_mode()
def compute_features(
    network: ResNet | SmallNetwork,
    split: ImageSplit,
    views: int,
    settings: Settings,
    world: World,
    progress: Progress,
) -> FeatureSplit:
    """Run every image through the backbone once for each view, each rank its share."""
    network.eval()
    share = world.shard(torch.arange(len(split)))
    parts = list(share.split(_BATCH))
    computed = []
    for view in range(views):
        rows = []
        for inputs, _ in batches(split, parts, view):
            with autocast(settings, world.device):
                rows.append(network.features(inputs).float())
            progress.advance(len(inputs) * world.size)
        width = network.fc.in_features
        own_NF = torch.cat(rows) if rows else torch.empty(0, width, device=world.device)
        computed.append(world.gather_shards(own_NF, len(split)))
    # A copy: tensors made under inference_mode may not take part in training.
    return FeatureSplit(split.labels_N, torch.stack(computed).clone())
