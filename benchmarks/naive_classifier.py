"""A frozen ResNet-50 with a new last layer, written as such scripts commonly are: the recipe's peer.

    PYTHONPATH=recipes/image_classifier \\
        python -m benchmarks.naive_classifier data weights.pth epochs image_size

What is naive in it: "frozen" means only that the optimiser is given the last layer, so every step
builds and walks the gradient graph of the whole network; every epoch decodes every image by Pillow at
full size and sends it through the backbone again; float32 throughout. The network is the recipe's.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from resnet import ResNet  # the recipe's folder is on the path
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class ImageFolder(Dataset[tuple[Tensor, int]]):
    """`<root>/<class>/*.jpg`, as torchvision's class of this name reads it."""

    def __init__(self, root: Path, size: int) -> None:
        self.classes = sorted(entry.name for entry in root.iterdir())
        self.samples = [
            (path, label)
            for label, name in enumerate(self.classes)
            for path in sorted((root / name).iterdir())
        ]
        self.size = size

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        path, label = self.samples[index]
        image = Image.open(path).convert("RGB").resize((self.size, self.size), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255
        return (pixels - MEAN) / STD, label


def accuracy(model: nn.Module, loader: DataLoader[tuple[Tensor, int]]) -> float:
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for images, labels in loader:
            correct += int((model(images).argmax(1) == labels).sum())
            total += len(labels)
    return correct / total


def main(data: Path, weights: Path, epochs: int, size: int) -> None:
    torch.manual_seed(0)
    train, valid = (ImageFolder(data / split, size) for split in ("train", "valid"))
    train_loader = DataLoader(train, batch_size=32, shuffle=True, num_workers=2)
    valid_loader = DataLoader(valid, batch_size=32, num_workers=2)

    model = ResNet("resnet50", len(train.classes))
    state = torch.load(weights, weights_only=True)
    model.load_state_dict({**state, **{key: model.state_dict()[key] for key in ("fc.weight", "fc.bias")}})
    optimizer = torch.optim.Adam(model.fc.parameters(), lr=0.003)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(epochs):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1} valid_accuracy={accuracy(model, valid_loader):.4f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
