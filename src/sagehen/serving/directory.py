"""EndpointDirectory: where InvokeEndpoint finds the router of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.serving.asynchronous import AsyncSettings
from sagehen.serving.capture import CaptureSettings
from sagehen.serving.replica_set import ReplicaSet
from sagehen.serving.router import Router


@dataclass(frozen=True, slots=True)
class ServedEndpoint:
    """What the data plane knows of one endpoint.

    Args:
        name: As it was created (InvokeEndpoint's name matches whatever its case).
        status: EndpointStatus, as DescribeEndpoint would tell.
        router: None until its first instances are in service.
        capture: What is kept of its requests; None for nothing.
        asynchronous: Where its answers go; None: it answers at once.
        created_at: In seconds since the epoch: tells it from one of the same name that was deleted.
        hosts_components: Requests name one of its inference components.
    """

    name: str
    status: str
    router: Router | None = None
    capture: CaptureSettings | None = None
    asynchronous: AsyncSettings | None = None
    created_at: float = 0.0
    hosts_components: bool = False


@dataclass(frozen=True, slots=True)
class ServedComponent:
    """What the data plane knows of one inference component.

    Args:
        endpoint: That hosts it.
        variant: Of the endpoint.
        status: InferenceComponentStatus.
        replicas: Its copies.
        router: Sends requests to these alone.
    """

    name: str
    endpoint: str
    variant: str
    status: str
    replicas: ReplicaSet
    router: Router


class EndpointDirectory:
    """(account, region, lower-cased name) -> ServedEndpoint. Written by endpoints' loops, in memory only."""

    def __init__(self) -> None:
        self._served: dict[tuple[str, str, str], ServedEndpoint] = {}
        self._components: dict[tuple[Scope, str], ServedComponent] = {}

    def find(self, scope: Scope, name: str) -> ServedEndpoint | None:
        """Return an endpoint by its name in whatever case; None where there is none that is known here."""
        return self._served.get((scope.account_id, scope.region, name.lower()))

    def served(self) -> Iterator[tuple[Scope, ServedEndpoint]]:
        """Yield every endpoint with its scope. To be gone through at once."""
        for (account_id, region, _), endpoint in self._served.items():
            yield Scope(account_id, region), endpoint

    def publish(self, scope: Scope, endpoint: ServedEndpoint) -> None:
        """Show an endpoint, in place of what was shown under its name before."""
        self._served[scope.account_id, scope.region, endpoint.name.lower()] = endpoint

    def withdraw(self, scope: Scope, name: str) -> None:
        """Show an endpoint no more; one that is not shown is no fault."""
        self._served.pop((scope.account_id, scope.region, name.lower()), None)

    def clear(self) -> None:
        """Show nothing: the platform stops."""
        self._served.clear()
        self._components.clear()

    def component(self, scope: Scope, name: str) -> ServedComponent | None:
        """Return an inference component by its very name; None where there is none that is known here."""
        return self._components.get((scope, name))

    def components(self) -> Iterator[tuple[Scope, ServedComponent]]:
        """Yield every inference component with its scope. To be gone through at once."""
        for (scope, _), component in self._components.items():
            yield scope, component

    def publish_component(self, scope: Scope, component: ServedComponent) -> None:
        """Show a component, in place of what was shown under its name before."""
        self._components[scope, component.name] = component

    def withdraw_component(self, scope: Scope, name: str) -> None:
        """Show a component no more; one that is not shown is no fault."""
        self._components.pop((scope, name), None)
