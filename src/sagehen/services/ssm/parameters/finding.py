"""Finder: the version that a request means, of one's own parameters or of those that AWS publishes."""

from __future__ import annotations

from sagehen.domain.ports.public_parameters import PublicParameter, PublicParameters
from sagehen.domain.scope import Scope
from sagehen.services.ssm.errors import ParameterNotFound, ParameterVersionNotFound
from sagehen.services.ssm.parameters.names import PUBLIC, reference
from sagehen.services.ssm.parameters.parameter import STRING, Parameter
from sagehen.services.ssm.parameters.records import ParameterRecords


def of_public(scope: Scope, published: PublicParameter) -> Parameter:
    """Return what AWS publishes as a parameter of one version."""
    return Parameter(
        scope,
        published.name,
        1,
        STRING,
        published.value,
        published.modified_at,
        data_type=published.data_type,
    )


class Finder:
    """Finds parameters as clients name them.

    Args:
        records: One's own.
        public: What AWS publishes.
    """

    def __init__(self, records: ParameterRecords, public: PublicParameters) -> None:
        self._records = records
        self.public = public

    def find(self, scope: Scope, text: str) -> Parameter:
        """Return the version that a name, or an ARN, with or without a selector means.

        Raises:
            ParameterNotFound, ParameterVersionNotFound, ValidationException.
        """
        wanted = reference(text, scope)
        if wanted.name.startswith(PUBLIC):
            published = self.public.all(scope.region).get(wanted.name)
            versions = [of_public(scope, published)] if published else []
        elif wanted.selector:
            versions = self._records.versions(scope, wanted.name)
        else:
            latest = self._records.latest(scope, wanted.name)
            versions = [latest] if latest else []
        if not versions:
            raise ParameterNotFound
        if not wanted.selector:
            return versions[-1]
        return chosen(versions, wanted.name, wanted.selector[1:])


def chosen(versions: list[Parameter], name: str, selector: str) -> Parameter:
    """Return the version of a number or a label.

    Raises:
        ParameterVersionNotFound.
    """
    for version in versions:
        if selector == str(version.version) or selector in version.labels:
            return version
    what = f"version {selector}" if selector.isdigit() else f"the label {selector}"
    raise ParameterVersionNotFound(
        f"Systems Manager could not find {what} of {name}. Verify the version and try again."
    )
