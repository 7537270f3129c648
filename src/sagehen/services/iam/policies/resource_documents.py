"""Policies that other services keep: checked by the one grammar, bound to users and roles themselves."""

from __future__ import annotations

import json
from collections.abc import Callable

from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.grammar.documents import parse_policy
from sagehen.services.iam.policies.principals import PrincipalNames, principal_elements, with_principals


class ResourceDocuments:
    """The port ResourceDocuments."""

    def __init__(self, names: PrincipalNames) -> None:
        self._names = names

    def stored(self, document: str, kind: PolicyKind) -> str:
        """Return a document as it is to be stored: checked, its users and roles replaced by their unique ids.

        Raises:
            PolicyFault: What breaks the grammar, or who is named and does not exist; the service words it.
        """
        try:
            parsed = parse_policy(document, kind)
            bindings = _found(parsed.principals(), self._names.bound)
        except MalformedPolicyDocument as error:
            raise PolicyFault(error.reason, error.value, error.message) from None
        return with_principals(document, bindings)

    def shown(self, document: str) -> str:
        """Return a stored document as its owner may read it: with the ARNs of today where entities live."""
        if "AIDA" not in document and "AROA" not in document:
            return document
        principals: set[tuple[str, str]] = set()
        try:
            for element in principal_elements(json.loads(document)):
                for kind, names in element.items():
                    principals.update(
                        (kind, name) for name in (names if isinstance(names, list) else [names])
                    )
        except (ValueError, LookupError, AttributeError, TypeError):
            return document  # stored before it was checked: its owner sees it as it is, and can replace it
        return with_principals(document, _found(principals, self._names.shown))


def _found(
    principals: set[tuple[str, str]], look: Callable[[str, str], tuple[str, str] | None]
) -> dict[tuple[str, str], tuple[str, str]]:
    found = {pair: look(*pair) for pair in sorted(principals)}
    return {pair: other for pair, other in found.items() if other is not None}
