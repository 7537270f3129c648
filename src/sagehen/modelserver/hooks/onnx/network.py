"""OnnxNetwork: stands where the script had its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

INPUT = "input"


class OnnxNetwork(nn.Module):
    """Answers by ONNX Runtime what the export was made for, by the model itself whatever else comes.

    Args:
        model: The script's own, for all else that is asked of it, too.
        file: Its export.
        sample: A batch that it was made with: others must have its type, and its shape behind the first size.
    """

    def __init__(self, model: nn.Module, file: Path, sample: Tensor) -> None:
        super().__init__()
        self._own = model
        self._file = file
        self._dtype, self._shape = sample.dtype, sample.shape[1:]
        self._session: Any = None
        self.train(False)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("_own"), name)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Answer."""
        if named or len(inputs) != 1 or not self._fits(inputs[0]):
            return self._own(*inputs, **named)
        return self.run(inputs[0])

    def run(self, batch: Tensor) -> Tensor:
        """Answer by ONNX Runtime."""
        if self._session is None:
            # In the process that answers, whose threads it has: not before the workers are forked.
            self.open(torch.get_num_threads())
        return torch.from_numpy(self._session.run(None, {INPUT: batch.detach().contiguous().numpy()})[0])

    def open(self, threads: int) -> None:
        """Read the file; answers are computed by so many threads."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(self._file), options, providers=["CPUExecutionProvider"]
        )

    def close(self) -> None:
        """End the threads; the next answer reads the file again."""
        self._session = None

    def _fits(self, batch: Any) -> bool:
        return (
            isinstance(batch, Tensor)
            and not self._own.training
            and batch.dtype == self._dtype
            and batch.shape[1:] == self._shape
            and len(batch) > 0
            and batch.device.type == "cpu"
            and not (torch.is_grad_enabled() and batch.requires_grad)
        )
