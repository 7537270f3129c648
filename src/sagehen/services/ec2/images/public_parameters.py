"""PublicImageParameters: domain.ports.public_parameters, for SSM."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sagehen.domain.ports.public_parameters import PublicParameter
from sagehen.services.ec2.images.catalogue import public_images

_HELD = 40


class PublicImageParameters:
    """The parameters under `/aws/service/` that hold images' ids."""

    def __init__(self) -> None:
        self._regions: dict[str, dict[str, PublicParameter]] = {}

    def all(self, region: str) -> Mapping[str, PublicParameter]:
        """Return a region's parameters by name, in the order of their names."""
        found = self._regions.get(region)
        if found is None:
            if len(self._regions) >= _HELD:
                self._regions.clear()
            made = {
                name: PublicParameter(name, image.id, "aws:ec2:image", datetime.fromisoformat(image.created))
                for image in public_images(region).values()
                for name in image.parameters
            }
            found = self._regions[region] = dict(sorted(made.items()))
        return found
