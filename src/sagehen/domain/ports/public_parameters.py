"""Parameters that AWS itself publishes. Between SSM and who knows what they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class PublicParameter:
    """One parameter, such as the id of the latest Amazon Linux image.

    Args:
        name: Begins with `/aws/service/`.
        value: A text.
        data_type: As SSM calls it: `text` or `aws:ec2:image`.
        modified_at: UTC.
    """

    name: str
    value: str
    data_type: str
    modified_at: datetime


class PublicParameters(Protocol):
    """What is published in a region."""

    def all(self, region: str) -> Mapping[str, PublicParameter]:
        """Return a region's parameters by name, in the order of their names."""
        ...

    def has_image(self, scope: Scope, image_id: str) -> bool:
        """Tell whether an account may start machines of an image there."""
        ...
