"""ParametersForServices: domain.ports.parameters.Parameters."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.ssm.parameters.finding import Finder
from sagehen.services.ssm.parameters.parameter import STRING


class ParametersForServices:
    """Plain parameters.

    Args:
        finder: Finds them.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def text(self, scope: Scope, name: str) -> str | None:
        """Return the text of a parameter; None where there is no such, or it is a secret one."""
        try:
            found = self._finder.find(scope, name)
        except ServiceError:
            return None
        return found.value if found.type == STRING else None
