"""Whether ONNX Runtime is asked for, and the inputs on which the model's answers are compared.

The script asks by `onnx_inputs_fn(model)`, which returns what predict_fn would give the model: a tensor, or
a list of several, each with a batch as its first dimension. The operator asks by SAGEHEN_ONNX in the
container's environment: the shape of one float32 input without the batch, such as `3,224,224`. Where both
ask, the script's inputs count; SAGEHEN_ONNX=off forbids it.
"""

from __future__ import annotations

from typing import Any

from sagehen.modelserver.hooks.onnx.refusal import StaysOnPyTorch, first_line
from sagehen.modelserver.hooks.user_code import Hook

# Of one input: some 600 MB in all the batches that are tried.
_MOST_NUMBERS = 2**24
_BATCHES = (1, 2, 5)
# More digits, or dimensions, than any input within that has.
_MOST_CHARACTERS = 200


def shape_of(text: str) -> tuple[int, ...]:
    """Return the shape that SAGEHEN_ONNX names.

    Raises:
        StaysOnPyTorch: It names none.
    """
    words = text.split(",")
    if len(text) > _MOST_CHARACTERS or not all(
        word.strip().isascii() and word.strip().isdigit() and int(word) for word in words
    ):
        raise StaysOnPyTorch(f"SAGEHEN_ONNX is {text[:100]!r}, not a shape such as 3,224,224")
    shape = tuple(int(word) for word in words)
    count = 1
    for size in shape:
        count *= size
    if count > _MOST_NUMBERS:
        raise StaysOnPyTorch(f"SAGEHEN_ONNX names an input of {count} numbers")
    return shape


def samples(wish: str, hook: Hook | None, model: Any) -> list[Any]:
    """Return batches of inputs, the first of at least two rows, on which the two are compared.

    Raises:
        StaysOnPyTorch: They are none.
    """
    import torch

    if hook is None:
        shape = shape_of(wish)
        generator = torch.Generator().manual_seed(0)  # of its own: the script's numbers stay as they are
        drawn = [torch.randn(size, *shape, generator=generator) for size in _BATCHES]
        return [drawn[1], drawn[0], drawn[2].mul_(10), torch.zeros(1, *shape)]
    try:
        found = hook(model, context=None)
    except Exception as error:
        raise StaysOnPyTorch(f"onnx_inputs_fn failed: {first_line(error)}") from error
    given = list(found) if isinstance(found, (list, tuple)) else [found]
    if not given or not all(
        isinstance(batch, torch.Tensor) and batch.dim() and len(batch) for batch in given
    ):
        raise StaysOnPyTorch("onnx_inputs_fn returned no tensors with a batch as their first dimension")
    # A batch of one could be exported as one whose size is always one.
    first = given[0] if len(given[0]) > 1 else torch.cat((given[0], given[0]))
    return [first, first[:1], *given]
