"""Default hooks: what the framework containers do where the user's code says nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from sagehen.modelserver import content
from sagehen.modelserver.errors import BadInput, UnsupportedContentType


class Defaults(Protocol):
    """The four hooks of one framework."""

    name: str

    def load_model(self, model_dir: Path) -> Any: ...

    def decode(self, data: str | bytes, content_type: str) -> Any: ...

    def predict(self, data: Any, model: Any) -> Any: ...


def defaults_for(framework: str, model_dir: Path, takes_torch: bool) -> Defaults:
    """Return the defaults of a framework; `auto` looks at what lies in the model folder.

    Args:
        takes_torch: Whether torch is loaded by the user's code, which says more than a file's name.
    """
    if framework == "auto":
        if any(model_dir.glob("*.joblib")) and not any(model_dir.glob("*.pt*")):
            framework = "sklearn"
        elif takes_torch or any(model_dir.glob("*.pt*")):
            framework = "pytorch"
    if framework == "pytorch":
        return PyTorchDefaults()
    if framework == "sklearn":
        return SklearnDefaults()
    return PlainDefaults()


class PyTorchDefaults:
    """The PyTorch container's: a TorchScript model.pt, tensors in, no gradients.

    Source: https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html
    """

    name = "pytorch"

    def __init__(self) -> None:
        import torch

        self._torch = torch
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def load_model(self, model_dir: Path) -> Any:
        path = model_dir / "model.pt"
        if not path.is_file():
            raise FileNotFoundError("Failed to load model with default model_fn: missing file model.pt.")
        torch: Any = self._torch  # its stubs leave jit.load untyped
        return torch.jit.load(str(path), map_location=self._device).eval()

    def decode(self, data: str | bytes, content_type: str) -> Any:
        array = content.decode_array(data, content_type)
        if content.is_text(content_type):
            tensor = self._torch.as_tensor(array, dtype=self._torch.float32)
        else:
            tensor = self._torch.from_numpy(array)
        return tensor.to(self._device)

    def predict(self, data: Any, model: Any) -> Any:
        with self._torch.inference_mode():
            if isinstance(model, self._torch.nn.Module):
                model.eval()
            return model(data)


class SklearnDefaults:
    """The scikit-learn container's, plus a model_fn where there is one .joblib file."""

    name = "sklearn"

    def load_model(self, model_dir: Path) -> Any:
        import joblib

        found = sorted(model_dir.glob("*.joblib")) or sorted(model_dir.glob("*.pkl"))
        if len(found) != 1:
            raise NotImplementedError("Please provide a model_fn implementation.")
        return joblib.load(found[0])

    def decode(self, data: str | bytes, content_type: str) -> Any:
        import numpy as np

        array = content.decode_array(data, content_type)
        return array.astype(np.float32) if content.is_text(content_type) else array

    def predict(self, data: Any, model: Any) -> Any:
        return model.predict(data)


class PlainDefaults:
    """For code that brings its own hooks and no framework."""

    name = "plain"

    def load_model(self, model_dir: Path) -> Any:
        raise NotImplementedError("Please provide a model_fn implementation.")

    def decode(self, data: str | bytes, content_type: str) -> Any:
        if content.media_type(content_type) == content.JSON:
            try:
                return json.loads(data)
            except ValueError as error:
                raise BadInput(f"The body is not valid JSON: {error}") from error
        if content.media_type(content_type) in (content.CSV, content.NPY):
            return content.decode_array(data, content_type)
        raise UnsupportedContentType(content_type)

    def predict(self, data: Any, model: Any) -> Any:
        if callable(model):
            return model(data)
        return model.predict(data)
