"""The network by its name, its pretrained weights, and the folder in which a trained one is kept."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import URLError

import torch
from resnet import RESNETS, ResNet
from small_network import SmallNetwork
from torch import Tensor, nn

# Weights of ImageNet-1k, torchvision's first edition: trained without label smoothing and mixing,
# which makes their features the better ones for a frozen backbone.
_HUB = "https://download.pytorch.org/models/"
_HUB_FILES = {
    "resnet18": "resnet18-f37072fd.pth",
    "resnet34": "resnet34-b627a593.pth",
    "resnet50": "resnet50-0676ba61.pth",
    "resnet101": "resnet101-63fe2227.pth",
}


@dataclass(frozen=True)
class Description:
    """What must be known of a trained network besides its weights. Lies beside them as model.json."""

    model: str
    classes: list[str]
    image_size: int
    stored_size: int


def build_network(name: str, classes: int) -> ResNet | SmallNetwork:
    if name == "small":
        return SmallNetwork(classes)
    if name in RESNETS:
        return ResNet(name, classes)
    raise SystemExit(f"unknown model {name!r}: small, {', '.join(RESNETS)}")


def load_pretrained(network: nn.Module, name: str, weights: str) -> bool:
    """Load a backbone's weights; return whether the last layer came along: it had as many classes."""
    state = _read_weights(name, weights)
    own = network.state_dict()
    # Training scripts save under many roofs; take the first that has the backbone in it.
    for roof in ("state_dict", "model", "network"):
        if isinstance(state.get(roof), dict):
            state = state[roof]
    state = {key.removeprefix("module."): value for key, value in state.items()}
    has_head = "fc.weight" in state and state["fc.weight"].shape == own["fc.weight"].shape
    if not has_head:
        state["fc.weight"], state["fc.bias"] = own["fc.weight"], own["fc.bias"]
    missing = network.load_state_dict(state, strict=False)
    lacking = [key for key in missing.missing_keys if not key.endswith("num_batches_tracked")]
    if lacking or missing.unexpected_keys:
        raise SystemExit(
            f"--weights {weights} does not fit {name}:"
            f" missing {lacking[:3]}, unexpected {missing.unexpected_keys[:3]}"
        )
    return has_head


def _read_weights(name: str, weights: str) -> dict[str, Tensor]:
    if weights == "hub":
        try:
            return torch.hub.load_state_dict_from_url(_HUB + _HUB_FILES[name], map_location="cpu")
        except (URLError, OSError) as error:
            raise SystemExit(
                f"the weights of {name} could not be had from {_HUB} ({error}). Without a network give"
                " --weights FILE or --weights s3://bucket/key; --weights none starts from random ones."
            ) from error
    if weights.startswith("s3://"):
        import boto3  # only here: the recipe needs no AWS kit otherwise

        bucket, _, key = weights.removeprefix("s3://").partition("/")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "weights.pth"
            boto3.client("s3").download_file(bucket, key, str(path))
            return torch.load(path, map_location="cpu", weights_only=True)
    return torch.load(weights, map_location="cpu", weights_only=True)


def save_model(folder: Path, network: nn.Module, description: Description) -> None:
    """Write weights, class names and the code that serves them, so that the folder is all it takes."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    partial = folder / "model.pth.partial"
    torch.save(weights, partial)
    partial.replace(folder / "model.pth")
    (folder / "model.json").write_text(json.dumps(asdict(description), indent=1))
    code = folder / "code"  # where SageMaker's PyTorch containers look for inference.py
    code.mkdir(exist_ok=True)
    for name in ("inference", "network", "resnet", "small_network", "images", "augmentation"):
        shutil.copyfile(Path(__file__).parent / f"{name}.py", code / f"{name}.py")


def load_model(folder: Path) -> tuple[nn.Module, Description]:
    description = Description(**json.loads((folder / "model.json").read_text()))
    network = build_network(description.model, len(description.classes))
    network.load_state_dict(torch.load(folder / "model.pth", map_location="cpu", weights_only=True))
    return network.eval(), description
