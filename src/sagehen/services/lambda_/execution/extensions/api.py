"""The Extensions API (2020-01-01): requests become changes of the registry.

Codes and texts are those of AWS's own supervisor, which serves the same API
(aws-lambda-runtime-interface-emulator).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.services.lambda_.execution.contract import FunctionVersion
from sagehen.services.lambda_.execution.extensions.files import MOST_EXTENSIONS
from sagehen.services.lambda_.execution.extensions.registry import Deliver, Extension, Registry, State
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.replies import ACCEPTED, Reply, document, refused

_NAME, _IDENTIFIER = "lambda-extension-name", "lambda-extension-identifier"
_ERROR_TYPE, _FEATURES = "lambda-extension-function-error-type", "lambda-extension-accept-feature"
_EVENTS = frozenset(("INVOKE", "SHUTDOWN"))
# Ours: longer names than files have, and more events than there are, say nothing.
_MOST_NAME_BYTES, _MOST_BODY_BYTES, _MOST_EVENTS = 255, 16_384, 16
_FATAL: Mapping[str, tuple[State, str]] = {
    "init": ("InitError", "Extension.InitError"),
    "exit": ("ExitError", "Extension.ExitError"),
}


class ExtensionsApi:
    """Answers extensions.

    Args:
        function: Whom they extend.
        registry: Of this life of its runtime.
    """

    def __init__(self, function: FunctionVersion, registry: Registry) -> None:
        self._function = function
        self._registry = registry

    def asked(
        self, what: str, headers: Mapping[str, str], body: bytes, connection: object, deliver: Deliver
    ) -> Reply | None:
        """Return the answer, or None where it comes later, by `deliver`.

        Args:
            what: Method and path behind `/2020-01-01/extension/`.
            headers: Those of the extension, by lower-case name.
        """
        if what == "POST register":
            return self._register(headers, body)
        if what not in ("GET event/next", "POST init/error", "POST exit/error"):
            return refused("NotFound", f"No such path: {what}", 404)
        found = self.identified(headers)
        if isinstance(found, Reply):
            return found
        if what == "GET event/next":
            if found.state not in ("Registered", "Running", "Ready") or found.deliver is not None:
                return _not_allowed(found, "Ready")
            self._registry.ask(found, connection, deliver)
            return None
        return self._failed(found, what.removeprefix("POST ").partition("/")[0], headers)

    def identified(self, headers: Mapping[str, str]) -> Extension | Reply:
        """Return who asks, or the refusal of who does not say so."""
        identifier = headers.get(_IDENTIFIER, "")
        if not identifier:
            return refused(
                "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"
            )
        if len(identifier) != 36:
            return refused("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")
        found = self._registry.identified(identifier.lower())
        if found is None:
            return refused("Extension.UnknownExtensionIdentifier", f"Unknown extension {identifier}")
        return found

    def _register(self, headers: Mapping[str, str], body: bytes) -> Reply:
        name = headers.get(_NAME, "")
        if not name:
            return refused("Extension.InvalidExtensionName", "Empty extension name")
        if len(name) > _MOST_NAME_BYTES:
            return refused("Extension.InvalidExtensionName", "Extension name is too long")
        events = _events_in(body)
        if isinstance(events, Reply):
            return events
        extension = self._registry.named(name)
        is_external = extension is not None and extension.is_external
        for event in events:
            if event not in _EVENTS:
                return refused("Extension.InvalidEventType", f"{event}: ErrorInvalidEventType")
            if event == "SHUTDOWN" and not is_external:
                return refused(
                    "Extension.InvalidEventType", f"{event}: ShutdownEventNotSupportedForInternalExtension"
                )
        if extension is None:
            if not self._registry.is_open:
                return refused("Extension.RegistrationClosed", "Extension registration closed already")
            if len(self._registry) >= MOST_EXTENSIONS:
                return refused("Extension.TooManyExtensions", f"Extension limit ({MOST_EXTENSIONS}) reached")
            extension = self._registry.add_internal(name)
        elif not is_external:
            return refused("Extension.InvalidExtensionState", "Extension with this name already registered")
        elif extension.state != "Started":
            return _not_allowed(extension, "Registered")
        self._registry.register(extension, events)
        return self._welcome(extension, headers)

    def _welcome(self, extension: Extension, headers: Mapping[str, str]) -> Reply:
        content = {
            "functionName": self._function.function_name,
            "functionVersion": self._function.version,
            "handler": self._function.handler,
        }
        wanted = [feature.strip() for feature in headers.get(_FEATURES, "").split(",", _MOST_EVENTS)]
        if "accountId" in wanted:
            content["accountId"] = self._function.scope.account_id
        return document(200, content, {"Lambda-Extension-Identifier": extension.identifier})

    def _failed(self, extension: Extension, when: str, headers: Mapping[str, str]) -> Reply:
        state, error_type = _FATAL[when]
        told = headers.get(_ERROR_TYPE, "")
        if not told:
            return refused("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")
        if extension.state in ("InitError", "ExitError") or (
            when == "init" and extension.state != "Registered"
        ):
            return _not_allowed(extension, state)
        told = "".join(letter for letter in told[:128] if letter.isprintable())
        self._registry.fail(extension, state, told, Fault("error", error_type, told))
        return ACCEPTED


def _events_in(body: bytes) -> list[str] | Reply:
    """Return the events that a registration names."""
    if len(body) > _MOST_BODY_BYTES:
        return refused("InvalidRequestFormat", "The request is too large")
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        return refused("InvalidRequestFormat", str(error)[:200])
    if not isinstance(content, dict):
        return refused("InvalidRequestFormat", "The request is not an object")
    if content.get("configurationKeys"):
        return refused(
            "InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead"
        )
    events = content.get("events") or []
    if not isinstance(events, list) or not all(isinstance(one, str) for one in events):
        return refused("InvalidRequestFormat", "events is not a list of strings")
    if len(events) > _MOST_EVENTS or any(len(one) > 64 for one in events):
        return refused("InvalidRequestFormat", "events is too long")
    return events


def _not_allowed(extension: Extension, wanted: str) -> Reply:
    return refused(
        "Extension.InvalidExtensionState",
        f"State transition from {extension.state} to {wanted} failed for extension {extension.name}. "
        "Error: State transition is not allowed",
    )
