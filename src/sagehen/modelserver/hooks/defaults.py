"""Default hooks: what the framework containers do where the user's code says nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from sagehen.modelserver.hooks import content
from sagehen.modelserver.hooks.errors import BadInput, ServingError, UnsupportedContentType, as_text
from sagehen.trainingtoolkit.algorithms.tabular import models


class Defaults(Protocol):
    """The four hooks of one framework."""

    name: str
    statuses: Mapping[type[Exception], int]

    def load_model(self, model_dir: Path) -> Any:
        """Do what model_fn would. What it raises stands in the log; the instance does not come up then."""

    def decode(self, data: str | bytes, content_type: str) -> Any:
        """Do what input_fn would. Raises BadInput or UnsupportedContentType."""

    def predict(self, data: Any, model: Any) -> Any:
        """Do what predict_fn would."""

    def encode(self, prediction: Any, accept: str) -> tuple[bytes, str]:
        """Do what output_fn would: a body and its content type. Raises UnsupportedAccept."""

    @staticmethod
    def failure(message: str, status: int) -> tuple[bytes, str]:
        """Return the body that the caller gets for a failure, and its content type."""


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
    if framework == "xgboost":
        from sagehen.modelserver.hooks.xgboost_defaults import XGBoostDefaults

        return XGBoostDefaults()
    if framework in models.NAMES:
        from sagehen.modelserver.hooks.tabular_defaults import TabularDefaults

        return TabularDefaults()
    if framework == "huggingface":
        from sagehen.modelserver.hooks.huggingface_defaults import HuggingFaceDefaults

        return HuggingFaceDefaults()
    return PlainDefaults()


class _Encodes:
    """The framework containers' common forms of answers."""

    @staticmethod
    def failure(message: str, status: int) -> tuple[bytes, str]:
        """Return the words."""
        return as_text(message, status)

    def encode(self, prediction: Any, accept: str) -> tuple[bytes, str]:
        """Return JSON, CSV or NPY."""
        return content.encode(prediction, accept)


class ModelLoadError(Exception):
    """The file is not TorchScript."""


class PyTorchDefaults(_Encodes):
    """The PyTorch container's: a TorchScript file, tensors in, no gradients.

    Source: `sagemaker-pytorch-inference` 2.0.25, which `tests/e2e/test_aws_toolkits.py` runs beside this.
    """

    name = "pytorch"
    # Its transformer knows no other failure than 500 but what the user's code raises for one.
    statuses: Mapping[type[Exception], int] = {ServingError: 500}

    def __init__(self) -> None:
        import torch

        self._torch = torch
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def load_model(self, model_dir: Path) -> Any:
        """Load model.pt, or the one .pt or .pth file, as TorchScript. ModelLoadError where it is none."""
        path = model_dir / "model.pt"
        if not path.exists():
            found = [file for file in sorted(model_dir.iterdir()) if file.suffix in (".pt", ".pth")]
            found = [file for file in found if file.is_file()]
            if len(found) != 1:
                names = [file.name for file in found]
                raise ValueError(f"Exactly one .pth or .pt file is required for PyTorch models: {names}")
            path = found[0]
        torch: Any = self._torch  # its stubs leave jit.load untyped
        try:
            return torch.jit.load(str(path), map_location=self._device).eval()
        except RuntimeError as error:
            raise ModelLoadError(
                f"Failed to load {path}. Please ensure model is saved using torchscript."
            ) from error

    def decode(self, data: str | bytes, content_type: str) -> Any:
        """Return a tensor on the model's device; text (JSON, CSV) becomes float32, NPY keeps its type."""
        array = content.decode_array(data, content_type)
        if content.is_text(content_type):
            tensor = self._torch.as_tensor(array, dtype=self._torch.float32)
        else:
            tensor = self._torch.from_numpy(array)
        return tensor.to(self._device)

    def predict(self, data: Any, model: Any) -> Any:
        """Call the model without gradients, in evaluation mode."""
        with self._torch.no_grad():
            if isinstance(model, self._torch.nn.Module):
                model.eval()
            return model(data)


class SklearnDefaults(_Encodes):
    """The scikit-learn container's. Source: aws/sagemaker-scikit-learn-container, serving.py."""

    name = "sklearn"
    # Its server answers 415 and 406 for forms that it does not know, and 500 for all else.
    statuses: Mapping[type[Exception], int] = {BadInput: 500}

    def load_model(self, model_dir: Path) -> Any:
        """Raise NotImplementedError: the container has no model_fn of its own."""
        raise NotImplementedError(
            "Please provide a model_fn implementation: the scikit-learn container has none of its own."
        )

    def decode(self, data: str | bytes, content_type: str) -> Any:
        """Return an array; text (JSON, CSV) becomes float32, NPY keeps its type."""
        import numpy as np

        array = content.decode_array(data, content_type)
        return array.astype(np.float32) if content.is_text(content_type) else array

    def predict(self, data: Any, model: Any) -> Any:
        """Call the model's `predict`."""
        return model.predict(data)


class PlainDefaults(_Encodes):
    """For code that brings its own hooks and no framework."""

    name = "plain"
    statuses: Mapping[type[Exception], int] = {}

    def load_model(self, model_dir: Path) -> Any:
        """Raise NotImplementedError: nothing is known of what lies in the folder."""
        raise NotImplementedError("Please provide a model_fn implementation.")

    def decode(self, data: str | bytes, content_type: str) -> Any:
        """Return JSON as it is, CSV and NPY as arrays."""
        if content.media_type(content_type) == content.JSON:
            try:
                return json.loads(data)
            except ValueError as error:
                raise BadInput(f"The body is not valid JSON: {error}") from error
        if content.media_type(content_type) in (content.CSV, content.NPY):
            return content.decode_array(data, content_type)
        raise UnsupportedContentType(content_type)

    def predict(self, data: Any, model: Any) -> Any:
        """Call the model, or its `predict`."""
        if callable(model):
            return model(data)
        return model.predict(data)
