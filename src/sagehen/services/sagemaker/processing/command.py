"""What a job's containers run where an environment stands for their image. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.sagemaker.images.mapping import Image

# Images of AWS's that bring a program of their own, by what the catalogue calls them.
_PROGRAMS: Mapping[str, Sequence[str]] = {
    "model-monitor": ("python", "-m", "sagehen.trainingtoolkit.monitoring"),
    "clarify": ("python", "-m", "sagehen.trainingtoolkit.clarify"),
}


def command_of(app: Mapping[str, Any], image: Image) -> tuple[str, ...]:
    """Return the command of an AppSpecification.

    Raises:
        NotImplementedOperation: Neither it nor the image has one, or the image's takes no arguments.
    """
    entry_point, arguments = app.get("ContainerEntrypoint") or (), app.get("ContainerArguments") or ()
    if entry_point:
        return (*entry_point, *arguments)
    program = _PROGRAMS.get(image.framework)
    if program is None:
        raise NotImplementedOperation(
            f"An environment stands for {app['ImageUri']}, and has no entry point: name a command in "
            "AppSpecification.ContainerEntrypoint."
        )
    if arguments:
        # Its documented contract is variables alone.
        raise NotImplementedOperation(
            f"CreateProcessingJob ContainerArguments of {app['ImageUri']} is not implemented."
        )
    return tuple(program)
