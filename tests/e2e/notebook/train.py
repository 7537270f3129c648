"""A training script as people write them: argparse, SM_* variables, a model file at the end."""

import argparse
import os
import shutil
from pathlib import Path

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--note", default="")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
parser.add_argument("--training", default=os.environ.get("SM_CHANNEL_TRAINING"))
arguments = parser.parse_args()

rows = [
    tuple(map(float, line.split(","))) for line in (Path(arguments.training) / "line.csv").read_text().split()
]
x = torch.tensor([[row[0]] for row in rows])
y = torch.tensor([[row[1]] for row in rows])
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=arguments.lr)
for _epoch in range(arguments.epochs):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
print(f"note={arguments.note!r} hosts={os.environ['SM_HOSTS']} loss={loss.item():.6f}", flush=True)
folder = Path(arguments.model_dir)
torch.save(model.state_dict(), folder / "model.pth")
(folder / "code").mkdir(exist_ok=True)
shutil.copy(Path(__file__).parent / "serve.py", folder / "code" / "inference.py")
