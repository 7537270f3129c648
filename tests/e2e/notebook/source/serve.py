"""A serving script with three of the four hooks, as is usual; a dependency, if it came along, is named."""

import io
import json
import os

import numpy
import torch
from PIL import Image

try:
    from greeting import GREETING
except ImportError:
    GREETING = None


def model_fn(model_dir):
    print("greeting", GREETING)
    model = torch.nn.Linear(3, 2)
    model.load_state_dict(torch.load(os.path.join(model_dir, "model.pth"), weights_only=True))
    return model.eval()


def input_fn(body, content_type):
    if content_type == "image/jpeg":
        pixels = numpy.asarray(Image.open(io.BytesIO(body)), dtype=numpy.float32)
        return torch.tensor(pixels.mean((0, 1)) / 255)[None]
    if content_type == "application/json":
        return torch.tensor(json.loads(body)["inputs"])
    if content_type == "text/csv":
        return torch.tensor([[float(value) for value in row.split(",")] for row in body.split()])
    if content_type == "application/x-npy":
        return torch.tensor(numpy.load(io.BytesIO(body)), dtype=torch.float32)
    raise ValueError(f"Requested unsupported ContentType in content_type: {content_type}")


def predict_fn(data, model):
    with torch.no_grad():
        return torch.softmax(model(data), 1)
