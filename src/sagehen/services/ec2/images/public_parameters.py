"""PublicImageParameters: domain.ports.public_parameters, for SSM."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sagehen.domain.ports.public_parameters import PublicParameter
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.images.catalogue import public_images
from sagehen.services.ec2.images.finding import find
from sagehen.services.ec2.resources.state import State

_HELD = 40


class PublicImageParameters:
    """The parameters under `/aws/service/` that hold images' ids.

    Args:
        state: Where images of one's own are.
    """

    def __init__(self, state: State) -> None:
        self._state = state
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

    def has_image(self, scope: Scope, image_id: str) -> bool:
        """See `PublicParameters.has_image`."""
        try:
            find(self._state.view(scope), image_id)
        except Ec2Error:
            return False
        return True
