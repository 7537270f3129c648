"""Joining several inputs into one forward pass, and taking its result apart again."""

from __future__ import annotations

from typing import Any


def can_join(inputs: list[Any]) -> bool:
    """Tell whether these are tensors or arrays that differ at most in their first dimension."""
    first = inputs[0]
    shape = getattr(first, "shape", None)
    if shape is None or len(shape) == 0:
        return False
    return all(
        type(item) is type(first) and item.dtype == first.dtype and item.shape[1:] == first.shape[1:]
        for item in inputs
    )


def join(inputs: list[Any]) -> Any:
    """Concatenate along the first dimension: shapes (1,3,64,64) and (2,3,64,64) make (3,3,64,64)."""
    if hasattr(inputs[0], "detach"):
        import torch

        return torch.cat(inputs)
    import numpy as np

    return np.concatenate(inputs)


def split(outputs: Any, sizes: list[int]) -> list[Any]:
    """Cut a result into parts of `sizes` rows.

    Raises:
        ValueError: It has not one row for each row that went in.
    """
    if len(outputs) != sum(sizes):
        raise ValueError(f"a batch of {sum(sizes)} inputs gave {len(outputs)} outputs")
    parts, start = [], 0
    for size in sizes:
        parts.append(outputs[start : start + size])
        start += size
    return parts
