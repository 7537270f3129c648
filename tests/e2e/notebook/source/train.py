"""A training script as people write them: argparse, SM_* variables, folders of classes, a model at the end.

It runs by itself, on several instances, and under torchrun.
"""

import argparse
import os
import shutil
from pathlib import Path

import torch
import torch.distributed as distributed
import torchvision
from PIL import Image
from torchvision.transforms.functional import pil_to_tensor

print("torchvision", torchvision.__version__)

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch_size", type=int, default=4)
parser.add_argument("--note", default="")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
arguments = parser.parse_args()

world = int(os.environ.get("WORLD_SIZE", "1"))
if world > 1:
    distributed.init_process_group("gloo")
    print("rank", distributed.get_rank(), "of", world, "on", os.environ["SM_CURRENT_HOST"])

files = sorted(Path(arguments.train).glob("*/*.jpg"))
names = sorted({file.parent.name for file in files})
images = torch.stack([pil_to_tensor(Image.open(file)).float().mean((1, 2)) / 255 for file in files])
labels = torch.tensor([names.index(file.parent.name) for file in files])

model = torch.nn.Linear(3, len(names))
network = torch.nn.parallel.DistributedDataParallel(model) if world > 1 else model
optimizer = torch.optim.SGD(network.parameters(), lr=arguments.lr)
for _ in range(arguments.epochs):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(images), labels)
    loss.backward()
    optimizer.step()
    print(f"average test loss: {loss.item():.6f}", flush=True)
print(f"note={arguments.note!r} hosts={os.environ['SM_HOSTS']} batch_size={arguments.batch_size}")

folder = Path(arguments.model_dir)
torch.save(model.state_dict(), folder / "model.pth")
(folder / "code").mkdir(exist_ok=True)
shutil.copy(Path(__file__).parent / "serve.py", folder / "code" / "inference.py")
