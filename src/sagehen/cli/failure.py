"""fail: how a command ends that cannot do what it is asked for."""

from __future__ import annotations

from typing import NoReturn

import typer


def fail(message: str) -> NoReturn:
    """End with a message and exit status 1."""
    typer.secho(message, err=True, fg="red")
    raise typer.Exit(1)
