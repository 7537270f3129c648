"""A lifecycle configuration and its scripts. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns

Hooks = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleConfig:
    """One lifecycle configuration.

    Args:
        on_create, on_start: Base64, as it was sent; '' for none.
    """

    scope: Scope
    name: str
    created_at: datetime
    modified_at: datetime
    on_create: str = ""
    on_start: str = ""

    @property
    def arn(self) -> str:
        return config_arn(self.scope, self.name)


def config_arn(scope: Scope, name: str) -> str:
    """Return the ARN of a lifecycle configuration."""
    return arns.resource_arn(scope, "notebook-instance-lifecycle-config", name)


def content_of(request: Mapping[str, Any], member: str) -> str | None:
    """Return what a request gives for `OnCreate` or `OnStart`, '' for an empty list; None where it has none.

    Raises:
        ValidationException: It is no base64.
    """
    hooks: Hooks | None = request.get(member)
    if hooks is None:
        return None
    content = hooks[0].get("Content", "") if hooks else ""
    try:
        script(content)
    except (binascii.Error, ValueError):
        # From memory that AWS looks at all: a script that is none would fail at the next start.
        raise ValidationException(f"The content of {member} is not encoded in base64.") from None
    return content


def script(content: str) -> bytes:
    """Return the script that is encoded.

    Raises:
        ValueError: It is no base64. Line breaks are no fault: `base64` makes them.
    """
    return base64.b64decode("".join(content.split()), validate=True)
