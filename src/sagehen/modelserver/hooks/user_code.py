"""The user's module and the hooks in it."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

# Each hook's parameters without the context that the toolkits add when there is room for one more.
_HOOK_PARAMETERS = {
    "model_fn": 1,
    "input_fn": 2,
    "predict_fn": 2,
    "output_fn": 2,
    "transform_fn": 4,
    "predict_batch_fn": 2,
    "onnx_inputs_fn": 1,
}


@dataclass(frozen=True, slots=True)
class Hook:
    """A function of the user's, called with the context only where it takes one."""

    function: Callable[..., Any]
    takes_context: bool

    def __call__(self, *arguments: Any, context: Any) -> Any:
        if self.takes_context:
            return self.function(*arguments, context)
        return self.function(*arguments)


class HookConflict(Exception):
    """transform_fn stands in for input_fn, predict_fn and output_fn, and excludes them."""


def load_hooks(code_dir: Path, program: str) -> dict[str, Hook]:
    """Import the user's module and return its hooks by name; none where there is no module.

    The code folder goes on sys.path first, so that the module's own imports work.

    Raises:
        HookConflict: transform_fn stands beside one of the three that it replaces.
        Exception: Whatever the module raises when it is imported.
    """
    path = code_dir / program
    if not path.suffix:
        path = path.with_suffix(".py")
    if not path.is_file():
        return {}
    for folder in (str(code_dir / "lib"), str(path.parent), str(code_dir)):
        if Path(folder).is_dir() and folder not in sys.path:
            sys.path.insert(0, folder)
    module = _import(path)
    hooks = {
        name: Hook(function, _takes_more_than(function, count))
        for name, count in _HOOK_PARAMETERS.items()
        if callable(function := getattr(module, name, None))
    }
    replaced = {"input_fn", "predict_fn", "output_fn"} & hooks.keys()
    if "transform_fn" in hooks and replaced:
        raise HookConflict(f"Cannot use transform_fn implementation with {', '.join(sorted(replaced))}")
    return hooks


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Pickled models and dataclasses look their module up by name.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _takes_more_than(function: Callable[..., Any], count: int) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    # As AWS's toolkit counts: one more parameter of any kind is for the context, whatever its name.
    return len(parameters) == count + 1
