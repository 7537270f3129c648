"""What the configuration of a function that is a container image may say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.process_text import fault_of_folder, first_fault
from sagehen.services.lambda_.errors import InvalidParameterValueException


def check(request: Mapping[str, Any], *, is_image: bool) -> None:
    """Refuse members that belong to functions of the other kind.

    Raises:
        InvalidParameterValueException.
    """
    # Recorded, in a public issue of Pulumi's.
    if is_image and (request.get("Handler") or request.get("Runtime") or request.get("Layers")):
        raise InvalidParameterValueException(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is "
            "Image."
        )
    if not is_image and request.get("ImageConfig"):  # from memory
        raise InvalidParameterValueException(
            "Please don't provide ImageConfig when the intended function PackageType is Zip."
        )


def checked_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return ImageConfig as it is kept: what says something. It takes the place of what was.

    Raises:
        InvalidParameterValueException: What no process can be given. The words are ours.
    """
    kept = {name: value for name, value in config.items() if value}
    for name in ("EntryPoint", "Command"):
        if fault := first_fault({}, kept.get(name, ())):
            raise InvalidParameterValueException(f"Invalid ImageConfig.{name}: {fault[0]}: {fault[1]}.")
    if kept.get("EntryPoint", ["-"])[0] == "":
        raise InvalidParameterValueException("Invalid ImageConfig.EntryPoint: its first word is empty.")
    if fault_of_folder(kept.get("WorkingDirectory", "/")):
        raise InvalidParameterValueException(
            "Invalid ImageConfig.WorkingDirectory: it must be an absolute, plain path."
        )
    return kept


def uri_of(source: Mapping[str, Any], doing: str) -> str:
    """Return the ImageUri of a function's code, which must be its only source.

    Args:
        doing: `creating` or `updating`.

    Raises:
        InvalidParameterValueException.
    """
    uri: str = source.get("ImageUri") or ""
    others = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "SourceKMSKeyArn")
    if not uri or any(source.get(name) for name in others):  # recorded for updates, in a public issue
        raise InvalidParameterValueException(
            f"Please provide ImageUri when {doing} a function with packageType Image."
        )
    return uri


def require_none(source: Mapping[str, Any], doing: str) -> None:
    """Check that the code of a function whose package is a Zip names no image.

    Raises:
        InvalidParameterValueException.
    """
    if source.get("ImageUri"):  # recorded for updates, in a public issue
        raise InvalidParameterValueException(
            f"Please don't provide ImageUri when {doing} a function with packageType Zip."
        )


def kept_image(uri: str, resolved: str) -> dict[str, str]:
    """Return what a configuration keeps of an image."""
    return {"Uri": uri, "Resolved": resolved}
