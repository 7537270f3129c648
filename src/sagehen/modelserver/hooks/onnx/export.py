"""served(model): a model's export, made once, compared whenever it is loaded."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagehen.modelserver.hooks.onnx import wanted
from sagehen.modelserver.hooks.onnx.refusal import StaysOnPyTorch, first_line
from sagehen.modelserver.hooks.user_code import Hook

# Of the largest number in the answers: float32 has seven digits, and adding in another order costs the last.
MOST_DIFFERENCE = 1e-5
# Beside the model, where that can be written; else an open file without a name.
FILE = ".sagehen.onnx"


def served(model: Any, model_dir: Path, wish: str, hook: Hook | None, say: Callable[[str], None]) -> Any:
    """Return what stands for a model: itself, unless ONNX Runtime is asked for and answers the same.

    Args:
        wish: SAGEHEN_ONNX.
        hook: The script's `onnx_inputs_fn`.
        say: Takes a line for the log: which of the two serves, and why.
    """
    if wish.lower() == "off" or not (wish or hook):
        return model
    try:
        network, difference = _network(model, model_dir, wish, hook)
    except StaysOnPyTorch as error:
        say(f"sagehen: served by PyTorch, not by ONNX Runtime: {error}")
        return model
    say(
        f"sagehen: served by ONNX Runtime; its answers differ from PyTorch's by {difference:.1e} at most, "
        "relative to the largest"
    )
    return network


def _network(model: Any, model_dir: Path, wish: str, hook: Hook | None) -> tuple[Any, float]:
    try:
        import torch
    except ImportError:
        raise StaysOnPyTorch("there is no PyTorch here") from None
    for name in ("onnxruntime", "onnx"):
        try:
            importlib.import_module(name)
        except ImportError:
            raise StaysOnPyTorch(
                f"{name} is not installed (pip install 'sagehen[onnx]', or the model's requirements.txt)"
            ) from None
    if not isinstance(model, torch.nn.Module):
        raise StaysOnPyTorch(f"model_fn returned a {type(model).__name__}, not a module of PyTorch")
    if model.training:
        raise StaysOnPyTorch("the model is in training mode (call model.eval() in model_fn)")
    if any(parameter.device.type != "cpu" for parameter in model.parameters()):
        raise StaysOnPyTorch("the model is not on the processor")
    batches = wanted.samples(wish, hook, model)
    try:
        with torch.no_grad():
            own = [model(batch) for batch in batches]
    except Exception as error:  # the script may make inputs fit before it asks its model
        raise StaysOnPyTorch(f"the model does not answer the inputs: {first_line(error)}") from error
    if not all(isinstance(answer, torch.Tensor) and answer.is_floating_point() for answer in own):
        raise StaysOnPyTorch("its answer is not one tensor of floating-point numbers")
    kept = model_dir / FILE
    if kept.is_file():
        network, difference = _compared(model, kept, batches, own)
        if difference <= MOST_DIFFERENCE:
            return network, difference
    file = _exported(model, batches[0], kept)
    network, difference = _compared(model, file, batches, own)
    if not difference <= MOST_DIFFERENCE:
        if file == kept:
            file.unlink(missing_ok=True)
        else:
            os.close(int(file.name))
        raise StaysOnPyTorch(
            f"its answers differ by {difference:.1e}, relative to the largest: over {MOST_DIFFERENCE:.0e}"
        )
    return network, difference


def _exported(model: Any, sample: Any, kept: Path) -> Path:
    """Export a model; return the file."""
    import torch

    from sagehen.modelserver.hooks.onnx.network import INPUT

    with (
        tempfile.NamedTemporaryFile(suffix=".onnx") as made,
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always")
        try:
            # The older exporter: it takes TorchScript, needs a second and no further package.
            torch.onnx.export(
                model, (sample,), made, dynamo=False, input_names=[INPUT], dynamic_axes={INPUT: {0: "batch"}}
            )
            made.flush()
        except Exception as error:
            raise StaysOnPyTorch(f"it cannot be exported: {first_line(error)}") from None
        if any(issubclass(warning.category, torch.jit.TracerWarning) for warning in said):  # type: ignore[attr-defined]
            raise StaysOnPyTorch(
                "what it computes may depend on the numbers, of which an export has one case"
            )
        return kept if _is_kept(Path(made.name), kept) else _of_this_process(made.fileno())


def _is_kept(made: Path, kept: Path) -> bool:
    """Copy a file, at once as a whole, where that can be written."""
    beside = kept.with_name(f"{FILE}.{os.getpid()}")
    try:
        shutil.copyfile(made, beside)
        beside.replace(kept)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        return False
    return True


def _of_this_process(descriptor: int) -> Path:
    """Return a name of an open file, for this process and its clones: nothing is left when they end."""
    return Path(f"/proc/self/fd/{os.dup(descriptor)}")


def _compared(model: Any, file: Path, batches: list[Any], own: list[Any]) -> tuple[Any, float]:
    """Return the stand-in, and by how much its answers differ; NaN where they cannot be compared."""
    import torch

    from sagehen.modelserver.hooks.onnx.network import OnnxNetwork

    network = OnnxNetwork(model, file, batches[0])
    most = largest = 0.0
    try:
        network.open(threads=1)  # no others are left in a process that is forked
        for batch, expected in zip(batches, own, strict=True):
            answer = network.run(batch)
            if answer.shape != expected.shape or answer.dtype != expected.dtype:
                return network, float("nan")
            finite = torch.isfinite(expected)
            if not torch.equal(finite, torch.isfinite(answer)):
                return network, float("nan")
            if finite.any():
                most = max(most, float((answer - expected)[finite].abs().max()))
                largest = max(largest, float(expected[finite].abs().max()))
    except Exception:  # what the runtime raises has no common class
        return network, float("nan")
    finally:
        network.close()
    return network, most / largest if largest else most
