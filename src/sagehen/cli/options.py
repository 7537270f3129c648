"""Options of commands, each said once: a dataclass whose fields are what Typer reads."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from sagehen.app.settings import default_data_folder

T = TypeVar("T")

DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        help="The data folder (or SAGEHEN_DATA).",
        default_factory=default_data_folder,
        show_default=False,
    ),
]


def given_as(options: type[T]) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Return a decorator for a command that takes its whole command line as one of these.

    Args:
        options: A dataclass; a field is an argument or an option, as its `Annotated` says.
    """
    annotations = get_type_hints(options, include_extras=True)
    parameters = [
        each.replace(annotation=annotations[name])
        for name, each in inspect.signature(options).parameters.items()
    ]

    def decorated(command: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def called(**given: Any) -> None:
            command(options(**given))

        called.__annotations__ = annotations
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return called

    return decorated
