"""What UpdateStage may change: the stage's own members, its canary, and settings of its methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.effects import (
    Cast,
    boolean,
    entry,
    field,
    integer,
    nested,
    number,
    text,
)
from sagehen.services.apigateway.documents.patches import REPLACE, Patch, PatchTable, Row
from sagehen.services.apigateway.errors import BadRequestException

# Documented: MethodSetting, loggingLevel.
_LEVELS = ("OFF", "ERROR", "INFO")
_STRATEGIES = ("FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER")


def _one_of(allowed: Sequence[str]) -> Cast:
    def cast(value: str | None) -> str:
        if value is None or value not in allowed:
            raise BadRequestException(f"Invalid value {value} specified. Must be one of: {list(allowed)}")
        return value

    return cast


# What stands behind a method in a path -> (member of MethodSetting, its type).
_SETTINGS: dict[str, tuple[str, Cast]] = {
    "metrics/enabled": ("metricsEnabled", boolean),
    "logging/dataTrace": ("dataTraceEnabled", boolean),
    "logging/loglevel": ("loggingLevel", _one_of(_LEVELS)),
    "throttling/burstLimit": ("throttlingBurstLimit", integer),
    "throttling/rateLimit": ("throttlingRateLimit", number),
    "caching/ttlInSeconds": ("cacheTtlInSeconds", integer),
    "caching/enabled": ("cachingEnabled", boolean),
    "caching/dataEncrypted": ("cacheDataEncrypted", boolean),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", boolean),
    "caching/unauthorizedCacheControlHeaderStrategy": (
        "unauthorizedCacheControlHeaderStrategy",
        _one_of(_STRATEGIES),
    ),
}
_METHOD = r"(?P<method>\*/\*|.+/(?:GET|PUT|POST|DELETE|PATCH|OPTIONS|HEAD))"
_SETTING_PATH = re.compile(rf"/{_METHOD}/(?P<setting>{'|'.join(map(re.escape, _SETTINGS))})")
_METHOD_PATH = re.compile(rf"/{_METHOD}")

# AWS's list as AWS words it (recorded): some commas are missing there too.
_ALLOWED = (
    "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId,"
    " /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format,"
    " /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace,"
    " /{resourcePath}/{httpMethod}/logging/loglevel,"
    " /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit"
    "/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled,"
    " /{resourcePath}/{httpMethod}/caching/dataEncrypted,"
    " /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl,"
    " /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy,"
    " /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit"
    " /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled,"
    " /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl,"
    " /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]"
)


def default_method_setting() -> Document:
    """Return a MethodSetting as it begins when its first member is set (recorded)."""
    return {
        "metricsEnabled": False,
        "dataTraceEnabled": False,
        "throttlingBurstLimit": 5000,
        "throttlingRateLimit": 10000.0,
        "cachingEnabled": False,
        "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": False,
        "requireAuthorizationForCacheControl": True,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }


def _canary(member: str, cast: Cast) -> Callable[[Document, Patch], None]:
    """Set a member of the canary, which begins on the stage's own deployment."""
    inner = field(member, cast)

    def effect(stage: Document, patch: Patch) -> None:
        canary = stage.setdefault(
            "canarySettings",
            {"deploymentId": stage["deploymentId"], "percentTraffic": 0.0, "useStageCache": False},
        )
        inner(canary, patch)

    return effect


def _canary_override(stage: Document, patch: Patch) -> None:
    canary = stage.get("canarySettings")
    if canary is None:
        raise BadRequestException("Canary settings must be set before stage variable overrides")
    entry("stageVariableOverrides", missing="Invalid stage variable specified", known=False)(canary, patch)


def _copy_deployment(stage: Document, patch: Patch) -> None:
    if patch.op == "copy":
        _check_promotion(stage, patch, "/canarySettings/deploymentId")
        stage["deploymentId"] = stage["canarySettings"]["deploymentId"]
    else:
        stage["deploymentId"] = patch.text


def _copy_variables(stage: Document, patch: Patch) -> None:
    """Promote a canary's variables: they go over the stage's."""
    _check_promotion(stage, patch, "/canarySettings/stageVariableOverrides")
    overrides = stage["canarySettings"].get("stageVariableOverrides", {})
    if overrides:
        stage["variables"] = {**stage.get("variables", {}), **overrides}


def _check_promotion(stage: Document, patch: Patch, source: str) -> None:
    if "canarySettings" not in stage:
        raise BadRequestException("Promotion not available. Canary does not exist.")
    if patch.source != source:
        raise BadRequestException(
            "Invalid copy operation with path: /canarySettings/stageVariableOverrides or"
            f" /canarySettings/deploymentId expected, found {patch.source}"
        )


_TABLE = PatchTable(
    Row("/deploymentId", ("replace", "copy"), _copy_deployment),
    Row("/description", ("replace", "remove"), field("description")),
    Row("/cacheClusterEnabled", REPLACE, field("cacheClusterEnabled", boolean)),
    Row("/cacheClusterSize", REPLACE, field("cacheClusterSize")),
    Row("/clientCertificateId", ("replace", "remove"), field("clientCertificateId")),
    Row("/documentationVersion", ("replace", "remove"), field("documentationVersion")),
    Row("/tracingEnabled", REPLACE, field("tracingEnabled", boolean)),
    Row("/accessLogSettings", ("remove",), field("accessLogSettings")),
    Row(
        "/accessLogSettings/destinationArn", ("add", "replace"), nested("accessLogSettings", "destinationArn")
    ),
    Row("/accessLogSettings/format", ("add", "replace"), nested("accessLogSettings", "format")),
    Row("/variables", ("copy",), _copy_variables),
    Row(
        "/variables/{name}",
        ("add", "replace", "remove"),
        entry("variables", missing="Invalid stage variable specified", known=False),
    ),
    Row("/canarySettings", ("remove",), field("canarySettings")),
    Row("/canarySettings/percentTraffic", REPLACE, _canary("percentTraffic", number)),
    Row("/canarySettings/deploymentId", REPLACE, _canary("deploymentId", text)),
    Row("/canarySettings/useStageCache", REPLACE, _canary("useStageCache", boolean)),
    Row("/canarySettings/stageVariableOverrides/{name}", ("add", "replace", "remove"), _canary_override),
)
_NEVER_ADDED = (
    "/canarySettings/percentTraffic",
    "/canarySettings/deploymentId",
    "/canarySettings/useStageCache",
)
_COPIED_TO = ("/deploymentId", "/variables")
_OWN_PATHS = re.compile(
    r"/(deploymentId|description|cacheClusterEnabled|cacheClusterSize|clientCertificateId"
    r"|documentationVersion|tracingEnabled|accessLogSettings(/destinationArn|/format)?|variables(/[^/]*)?"
    r"|canarySettings(/percentTraffic|/deploymentId|/useStageCache|/stageVariableOverrides/[^/]+)?)"
)


def apply_stage_patches(stage: Document, operations: Sequence[Mapping[str, Any]] | None) -> None:
    """Change a stage by each operation in turn.

    Raises:
        BadRequestException, NotFoundException
    """
    for operation in operations or ():
        op, path = operation.get("op", ""), operation.get("path") or ""
        if op == "copy" and path not in _COPIED_TO:
            raise BadRequestException(
                f"Invalid copy operation with path: {path} and from {operation.get('from')}."
                f" Valid copy:path are [{', '.join(_COPIED_TO)}] and valid copy:from are"
                " [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"
            )
        if op == "add" and path in _NEVER_ADDED:
            raise BadRequestException(f"Invalid add operation with path: {path}")
        if _OWN_PATHS.fullmatch(path) and (op, path) != ("replace", "/canarySettings"):
            _TABLE.apply(stage, (operation,))
        elif op == "remove":
            _remove_method_setting(stage, path)
        elif op in ("add", "replace") and (match := _SETTING_PATH.fullmatch(path)):
            member, cast = _SETTINGS[match["setting"]]
            settings = stage["methodSettings"].setdefault(match["method"], default_method_setting())
            settings[member] = cast(operation.get("value"))
        else:
            raise BadRequestException(f"Invalid method setting path: {path}. Must be one of: {_ALLOWED}")


def _remove_method_setting(stage: Document, path: str) -> None:
    match = _SETTING_PATH.fullmatch(path) or _METHOD_PATH.fullmatch(path)
    key = match["method"] if match else path.removeprefix("/")
    if key not in stage["methodSettings"]:
        raise BadRequestException(
            f"Cannot remove method setting {key} because there is no method setting for this method "
        )
    if match and "setting" in match.groupdict():
        member, _ = _SETTINGS[match["setting"]]
        defaults = default_method_setting()
        if member in defaults:
            stage["methodSettings"][key][member] = defaults[member]
        else:
            stage["methodSettings"][key].pop(member, None)
    else:
        del stage["methodSettings"][key]
