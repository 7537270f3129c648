"""A serving script with three of the four hooks, as is usual."""

import json
import os

import torch


def model_fn(model_dir):
    model = torch.nn.Linear(1, 1)
    model.load_state_dict(torch.load(os.path.join(model_dir, "model.pth"), weights_only=True))
    return model.eval()


def input_fn(body, content_type):
    assert content_type == "application/json", content_type
    return torch.tensor(json.loads(body)["inputs"])


def predict_fn(data, model):
    with torch.no_grad():
        return model(data)
