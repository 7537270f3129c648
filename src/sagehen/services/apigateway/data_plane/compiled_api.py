"""CompiledApi: a deployment made ready for requests, once, and kept by its snapshot."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagehen.api.user_patterns import UserPattern
from sagehen.domain.absent_modules import IRI_GRAMMAR, hidden
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.gateway_responses import GatewayResponses
from sagehen.services.apigateway.data_plane.mapping.expressions import Mapped, compile_mappings
from sagehen.services.apigateway.data_plane.messages.content import BinaryTypes
from sagehen.services.apigateway.data_plane.routing import Route, Router
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError, parse_template
from sagehen.services.apigateway.patterns import UnsafePattern, compile_pattern, matches_all
from sagehen.services.apigateway.snapshot.apis import (
    ApiSnapshot,
    Integration,
    IntegrationResponse,
    Method,
    Resource,
)

if TYPE_CHECKING:
    from sagehen.services.apigateway.data_plane.validation.requests import RequestValidation

_HOLE = re.compile(r"\{[^{}]*\}")
# Deployments held compiled; each is some tens of kB.
_HELD = 256
# Up to here a template is parsed in some milliseconds.
_LARGE_TEMPLATE = 8 * 1024


@dataclass(frozen=True, slots=True)
class CompiledResponse:
    """An integration response with its pattern and mappings. `pattern` None: the default, or unusable."""

    response: IntegrationResponse
    pattern: UserPattern | None
    headers: tuple[Mapped, ...]

    @property
    def is_default(self) -> bool:
        return not self.response.selection_pattern


class CompiledIntegration:
    """An integration whose mappings and patterns are compiled.

    Args:
        integration: As deployed.
        method: Whose method responses count.
    """

    def __init__(self, integration: Integration, method: Method) -> None:
        self.integration = integration
        self.request = compile_mappings(integration.request_parameters)
        self.request_templates = {name.lower(): text for name, text in integration.request_templates.items()}
        self.responses = tuple(
            CompiledResponse(
                response, _pattern(response.selection_pattern), compile_mappings(response.response_parameters)
            )
            for response in integration.responses.values()
        )
        self._default = next((response for response in self.responses if response.is_default), None)
        self._templates = [
            *integration.request_templates.values(),
            *(text for one in integration.responses.values() for text in one.response_templates.values()),
        ]

    @property
    def unprepared(self) -> bool:
        return bool(self._templates)

    async def prepare(self) -> None:
        """Parse large templates in a thread, once: the grammar takes seconds for the largest."""
        large = [text for text in self._templates if text and len(text) > _LARGE_TEMPLATE]
        self._templates = []
        for text in large:
            with contextlib.suppress(TemplateError):  # told to the request that uses it
                await asyncio.to_thread(parse_template, text)

    def response_for(self, text: str | None) -> CompiledResponse | None:
        """Return the response whose pattern matches all of `text`, else the default one, else None.

        Raises:
            ConfigurationError: A pattern before it is none, or does not end in time.
        """
        if text is not None:
            # In the order of their making: AWS promises none (from memory).
            for response in self.responses:
                if response.pattern is None and not response.is_default:
                    raise ConfigurationError(f"Invalid pattern: {response.response.selection_pattern}")
                if response.pattern is not None and _fits(text, response.pattern):
                    return response
        return self._default


@dataclass(frozen=True, slots=True)
class CompiledMethod:
    """A method with all that requests need of it.

    Args:
        arn_path: The resource's path with `*` in the place of parameters.
        validation: None where its validator checks nothing.
    """

    resource: Resource
    method: Method
    arn_path: str
    validation: RequestValidation | None
    integration: CompiledIntegration | None

    @property
    def key(self) -> tuple[str, str]:
        return self.resource.path, self.method.http_method


class CompiledApi:
    """One deployment. Methods are compiled when the first request reaches them."""

    def __init__(self, snapshot: ApiSnapshot) -> None:
        self.snapshot = snapshot
        self.router = Router(snapshot.resources)
        self.binary = BinaryTypes(snapshot.binary_media_types)
        self.gateway_responses = GatewayResponses(snapshot.gateway_responses)
        self._methods: dict[tuple[str, str], CompiledMethod] = {}

    def method(self, route: Route) -> CompiledMethod:
        """Return the route's method, compiled."""
        return self.compiled(route.resource, route.method)

    def compiled(self, resource: Resource, method: Method) -> CompiledMethod:
        """Return a method compiled; TestInvokeMethod names it without a route."""
        key = (resource.path, method.http_method)
        found = self._methods.get(key)
        if found is None:
            found = self._methods[key] = CompiledMethod(
                resource,
                method,
                _HOLE.sub("*", resource.path),
                self._validation(method),
                CompiledIntegration(method.integration, method) if method.integration else None,
            )
        return found

    def _validation(self, method: Method) -> RequestValidation | None:
        validator = self.snapshot.request_validators.get(method.request_validator_id or "")
        if validator is None or not (validator.validate_body or validator.validate_parameters):
            return None
        # jsonschema takes 40 ms to import: only an API that validates pays for it, not every start. With what
        # it checks a format by that nobody asks for here, it would hold the loop for another second.
        with hidden([IRI_GRAMMAR]):
            from sagehen.services.apigateway.data_plane.validation.requests import RequestValidation

        return RequestValidation(
            method,
            check_body=validator.validate_body,
            check_parameters=validator.validate_parameters,
            api_id=self.snapshot.api_id,
            models=self.snapshot.models,
        )


class CompiledApis:
    """The deployments in use. A snapshot is its own key: a new deployment is a new object."""

    def __init__(self) -> None:
        self._compiled: dict[ApiSnapshot, CompiledApi] = {}

    def of(self, snapshot: ApiSnapshot) -> CompiledApi:
        """Return a deployment compiled. Beyond `_HELD` of them the one that was compiled first is dropped."""
        found = self._compiled.get(snapshot)
        if found is None:
            if len(self._compiled) >= _HELD:
                self._compiled.pop(next(iter(self._compiled)))
            found = self._compiled[snapshot] = CompiledApi(snapshot)
        return found

    def clear(self) -> None:
        """Drop all; what is served is compiled again."""
        self._compiled.clear()


def _pattern(text: str | None) -> UserPattern | None:
    if not text:
        return None
    try:
        return compile_pattern(text)
    except UnsafePattern:
        return None


def _fits(text: str, pattern: UserPattern) -> bool:
    try:
        return matches_all(text, pattern)
    except UnsafePattern as error:
        raise ConfigurationError(f"Invalid pattern: {pattern.text}: {error}") from None


def fill(text: str, variables: Mapping[str, str]) -> str:
    """Fill `${stageVariables.name}` holes of a URI or an ARN; unknown ones become empty."""
    if "stageVariables." not in text:
        return text
    return _VARIABLE.sub(lambda hole: variables.get(hole.group(1) or hole.group(2), ""), text)


_VARIABLE = re.compile(r"\$\{stageVariables\.([^}]+)\}|\$stageVariables\.(\w+)")
