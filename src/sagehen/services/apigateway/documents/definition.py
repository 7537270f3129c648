"""Definition: one API while it is edited, as a document with the member names of AWS's model.

    settings                      the RestApi structure
    resources[id]                 Resource; .resourceMethods[VERB] Method; .methodIntegration,
                                  .methodResponses[status]; .integrationResponses[status]
    models[name], validators[id], authorizers[id], gatewayResponses[type]
    documentationParts[id], documentationVersions[name]

A deployment is a copy of the document; PutRestApi replaces its parts at once. Dates are seconds
since the epoch.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.errors import no_such_integration, no_such_method, no_such_resource

Document = dict[str, Any]

ID_LENGTH = 10  # as all of AWS's recorded ids
ROOT_PATH = "/"
_PARTS = (
    "resources",
    "models",
    "validators",
    "authorizers",
    "gatewayResponses",
    "documentationParts",
    "documentationVersions",
)


def new_id(ids: Ids) -> str:
    """Return an id as API Gateway makes them: ten lower-case letters and digits."""
    return ids.text(ID_LENGTH)


def given(source: Mapping[str, Any], *members: str, empty: bool = False) -> Document:
    """Return those of the members that a request or document says something in, in this order.

    Args:
        empty: Whether empty texts, maps and lists, 0 and False are something; None never is.
    """
    return {
        member: source[member]
        for member in members
        if source.get(member) or (empty and source.get(member) is not None)
    }


@dataclass(slots=True)
class Definition:
    """An API under construction. Handlers change it inside one transaction.

    Args:
        scope: Where it lives.
        settings: The RestApi structure.
        content: Everything else, by the names at the top of this file.
    """

    scope: Scope
    settings: Document
    content: Document

    @classmethod
    def new(cls, scope: Scope, settings: Document, root_id: str) -> Definition:
        """Return an API with nothing in it but the root resource."""
        content: Document = {part: {} for part in _PARTS}
        content["resources"][root_id] = {"id": root_id, "path": ROOT_PATH, "resourceMethods": {}}
        return cls(scope, {**settings, "rootResourceId": root_id}, content)

    @property
    def id(self) -> str:
        return str(self.settings["id"])

    @property
    def resources(self) -> dict[str, Document]:
        resources: dict[str, Document] = self.content["resources"]
        return resources

    @property
    def models(self) -> dict[str, Document]:
        models: dict[str, Document] = self.content["models"]
        return models

    @property
    def validators(self) -> dict[str, Document]:
        validators: dict[str, Document] = self.content["validators"]
        return validators

    @property
    def authorizers(self) -> dict[str, Document]:
        authorizers: dict[str, Document] = self.content["authorizers"]
        return authorizers

    @property
    def gateway_responses(self) -> dict[str, Document]:
        responses: dict[str, Document] = self.content["gatewayResponses"]
        return responses

    @property
    def documentation_parts(self) -> dict[str, Document]:
        # APIs of earlier versions of the platform were stored without.
        parts: dict[str, Document] = self.content.setdefault("documentationParts", {})
        return parts

    @property
    def documentation_versions(self) -> dict[str, Document]:
        versions: dict[str, Document] = self.content.setdefault("documentationVersions", {})
        return versions

    @property
    def root(self) -> Document:
        return self.resources[self.settings["rootResourceId"]]

    def resource(self, resource_id: str) -> Document:
        """Return a resource.

        Raises:
            NotFoundException
        """
        resource = self.resources.get(resource_id)
        if resource is None:
            raise no_such_resource()
        return resource

    def method(self, resource_id: str, http_method: str) -> Document:
        """Return a method.

        Raises:
            NotFoundException: Resource or method.
        """
        method: Document | None = self.resource(resource_id)["resourceMethods"].get(http_method)
        if method is None:
            raise no_such_method()
        return method

    def integration(self, resource_id: str, http_method: str) -> Document:
        """Return a method's integration.

        Raises:
            NotFoundException: Resource, method or integration.
        """
        integration: Document | None = self.method(resource_id, http_method).get("methodIntegration")
        if integration is None:
            raise no_such_integration()
        return integration

    def methods(self) -> Iterator[tuple[Document, Document]]:
        """Yield every (resource, method)."""
        for resource in self.resources.values():
            for method in resource["resourceMethods"].values():
                yield resource, method

    def method_with(self, member: str, value: str) -> str | None:
        """Return the first method that refers to a part of the API, as AWS names it: `/pets/GET`; or None."""
        for resource, method in self.methods():
            if method.get(member) == value:
                return f"{resource['path']}/{method['httpMethod']}"
        return None

    def children(self, resource_id: str) -> list[Document]:
        """Return the resources right below one, in no order."""
        return [child for child in self.resources.values() if child.get("parentId") == resource_id]

    def by_path(self) -> dict[str, Document]:
        """Return the resources by path, sorted as AWS lists them."""
        return {
            resource["path"]: resource
            for resource in sorted(self.resources.values(), key=lambda resource: str(resource["path"]))
        }

    def model_url(self, name: str) -> str:
        """Return the URL by which schemas refer to a model of this API."""
        return f"https://apigateway.amazonaws.com/restapis/{self.id}/models/{name}"

    def copied(self) -> Definition:
        """Return a copy that shares nothing. Slow for large definitions: not for the event loop."""
        return Definition(self.scope, copy.deepcopy(self.settings), copy.deepcopy(self.content))
