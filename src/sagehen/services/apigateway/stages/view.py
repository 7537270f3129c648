"""From a stage's document to its StageView: pure functions.

What is about caches stays behind: without a cache cluster, which is refused, it has no effect on AWS either.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.snapshot.apis import ApiSnapshot
from sagehen.services.apigateway.snapshot.plans import Throttle
from sagehen.services.apigateway.snapshot.stages import (
    AccessLog,
    Canary,
    MethodSettings,
    StageView,
    method_key,
)

# Documented: Stage, methodSettings: settings for all methods.
ALL_METHODS = "*/*"


def stage_view(document: Document, api: ApiSnapshot, canary_api: ApiSnapshot | None) -> StageView:
    """Make the view of a stage.

    Args:
        document: The Stage structure.
        api: What its deployment froze.
        canary_api: What its canary's deployment froze, where it has one.
    """
    settings = document.get("methodSettings", {})
    # One of the two members may be set alone; nothing is logged then.
    log = document.get("accessLogSettings") or {}
    return StageView(
        api=api,
        name=document["stageName"],
        variables=MappingProxyType(dict(document.get("variables") or {})),
        canary=_canary(document.get("canarySettings"), canary_api),
        default_settings=_settings(settings.get(ALL_METHODS, {})),
        method_settings=MappingProxyType(
            {method_key(key): _settings(setting) for key, setting in settings.items() if key != ALL_METHODS}
        ),
        access_log=AccessLog(log["destinationArn"], log["format"])
        if log.get("destinationArn") and log.get("format")
        else None,
        tags=MappingProxyType(dict(document.get("tags") or {})),
    )


def _canary(settings: Document | None, api: ApiSnapshot | None) -> Canary | None:
    if not settings or api is None:
        return None
    return Canary(
        api=api,
        percent_traffic=settings.get("percentTraffic", 0.0),
        stage_variable_overrides=MappingProxyType(dict(settings.get("stageVariableOverrides") or {})),
    )


def _limit(value: Any) -> Any:
    """Return None for -1, by which AWS spells that a stage sets no limit of its own."""
    return None if value is None or value < 0 else value


def _settings(setting: Document) -> MethodSettings:
    if not setting:
        return MethodSettings()
    return MethodSettings(
        logging_level=setting.get("loggingLevel", "OFF"),
        data_trace=setting["dataTraceEnabled"],
        metrics=setting["metricsEnabled"],
        throttle=Throttle(_limit(setting["throttlingRateLimit"]), _limit(setting["throttlingBurstLimit"])),
    )
