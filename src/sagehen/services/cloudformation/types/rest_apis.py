"""What templates say of APIs, their stages and usage plans, as API Gateway's patches. Pure.

Documented: API Gateway, Patch operations; CloudFormation, AWS::ApiGateway::RestApi, Mode.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.services.cloudformation.types.known import ABSENT, Known

Patches = list[dict[str, str]]

_METHOD_SETTINGS = {
    "MetricsEnabled": "metrics/enabled", "LoggingLevel": "logging/loglevel",
    "DataTraceEnabled": "logging/dataTrace", "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit", "CachingEnabled": "caching/enabled",
    "CacheTtlInSeconds": "caching/ttlInSeconds", "CacheDataEncrypted": "caching/dataEncrypted",
}  # fmt: skip
_LIMITS = {"RateLimit": "rateLimit", "BurstLimit": "burstLimit"}
_QUOTA = {"Limit": "limit", "Offset": "offset", "Period": "period"}
# Of an API's properties, what a document that is laid over it takes away, or sets itself: where it
# stands, and what stands there where the document says nothing.
_BESIDE: Mapping[str, tuple[str, Any]] = {
    "Description": ("description", None),
    "Version": ("version", None),
    "MinimumCompressionSize": ("minimumCompressionSize", None),
    "Policy": ("policy", None),
    "ApiKeySourceType": ("apiKeySource", "HEADER"),
}


def as_text(value: Any) -> str:
    """Return a value as patches have it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def pointer(text: str) -> str:
    """Return a name as it stands in a patch's path."""
    return text.replace("~", "~0").replace("/", "~1")


def media_type(value: Any) -> str:
    """Return a media type; templates may write its slash as `~1` (documented: BinaryMediaTypes)."""
    return str(value).replace("~1", "/")


def _replace(path: str, value: Any) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": as_text(value)}


def _pairs(value: Any, known: Known) -> list[Any]:
    """Return a map's pairs, each a change of its own; whatever else it is, `_variable` refuses."""
    return [[name, one] for name, one in value.items()] if isinstance(value, Mapping) else [value]


def _variable(op: str) -> Callable[[Any, Known], Patches]:
    def patches(value: Any, known: Known) -> Patches:
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError("Variables is not a map.")
        one = {"op": op, "path": f"/variables/{pointer(str(value[0]))}"}
        return [one if op == "remove" else {**one, "value": as_text(value[1])}]

    return patches


def _setting_place(setting: Mapping[str, Any]) -> str:
    """Return where the setting of a method stands.

    Documented (MethodSetting, ResourcePath): `/~1pets~1{id}`, `/` for the root, `/*` for all. Slashes that
    are none of a pointer's are taken, too.
    """
    path = str(setting.get("ResourcePath", "/*")).removeprefix("/")
    resource = "~1" if not path else path if "~1" in path else pointer(path)
    return f"/{resource}/{setting.get('HttpMethod', '*')}"


def _method_setting(value: Any, known: Known) -> Patches:
    """Return the patches of one of a stage's MethodSettings.

    What was set for its methods goes by the same call, so that no request finds them without a limit. Only
    what is there can be removed: the first patch sees to that.
    """
    place = _setting_place(value)
    settings = {name: one for name, one in value.items() if name not in ("ResourcePath", "HttpMethod")}
    cleared = [_replace(f"{place}/metrics/enabled", False), {"op": "remove", "path": place}]
    return [*cleared, *_members(place, settings, _METHOD_SETTINGS)]


def _laying_mode(value: Any, known: Known) -> str:
    """Return how a document is laid over an API: it replaces methods and models, unless they are merged."""
    return str(known.properties.get("Mode", "overwrite"))


def _beside_document(value: Any, known: Known) -> Patches:
    """Return the patches for what a template says beside a document that was laid.

    Documented: the document takes precedence, what may have several of a kind has both.
    """
    laid: Mapping[str, Any] = known.result.get("laid") or {}
    given = known.properties
    patches = [
        _replace(f"/{member}", json.dumps(given[name]) if isinstance(given[name], dict) else given[name])
        for name, (member, absent) in _BESIDE.items()
        if name in given and laid.get(member) == absent
    ]
    there = laid.get("binaryMediaTypes") or ()
    wanted = (media_type(one) for one in given.get("BinaryMediaTypes") or ())
    more = [one for one in wanted if one not in there]
    return [*patches, *({"op": "add", "path": f"/binaryMediaTypes/{pointer(one)}"} for one in more)]


def _endpoint_patches(value: Any, known: Known) -> Patches:
    if unknown := value.keys() - {"Types", "IpAddressType"}:
        raise ValueError(f"Encountered unsupported property {min(unknown)}")
    patches = [_replace("/endpointConfiguration/types/0", one) for one in value.get("Types") or ()]
    if address := value.get("IpAddressType"):
        patches.append(_replace("/endpointConfiguration/ipAddressType", address))
    return patches


def _plan_stages(value: Any, known: Known) -> Any:
    """Return the stages of a usage plan apart from their limits: a change of these leaves a stage in it."""
    return [
        {name: member for name, member in one.items() if name != "Throttle"} if isinstance(one, dict) else one
        for one in (value if isinstance(value, list) else [value])
    ]


def _limited_stages(value: Any, known: Known) -> Any:
    every = value if isinstance(value, list) else []
    return [one for one in every if isinstance(one, dict) and one.get("Throttle")]


def _plan_stage(value: Any, known: Known) -> str:
    """Return what patches of a usage plan call a stage."""
    return f"{value.get('ApiId')}:{value.get('Stage')}"


def _stage_patches(value: Any, known: Known) -> Patches:
    """Return the patches that put a stage into a usage plan."""
    if unknown := value.keys() - {"ApiId", "Stage"}:
        raise ValueError(f"Encountered unsupported property {min(unknown)}")
    return [{"op": "add", "path": "/apiStages", "value": f"{value['ApiId']}:{value['Stage']}"}]


def _stage_limits(value: Any, known: Known) -> Patches:
    """Return the patches that make the limits of a stage's methods in a usage plan what they are to be."""
    place = f"/apiStages/{_plan_stage(value, known)}/throttle"
    patches: Patches = [{"op": "remove", "path": place}]
    for method, limits in value["Throttle"].items():
        patches += _members(f"{place}/{pointer(str(method))}", limits, _LIMITS)
    return patches


def _whole(place: str, members: Mapping[str, str]) -> Callable[[Any, Known], Patches]:
    """Return what gives the patches that make a structure what it is to be, or take it away."""
    return lambda value, known: [{"op": "remove", "path": place}, *_members(place, value, members)]


def _members(place: str, value: Mapping[str, Any], members: Mapping[str, str]) -> Patches:
    if unknown := value.keys() - members.keys():
        raise ValueError(f"Encountered unsupported property {min(unknown)}")
    return [_replace(f"{place}/{members[name]}", one) for name, one in value.items()]


REST_APIS: Mapping[str, Callable[[Any, Known], Any]] = {
    "pairs": _pairs,
    "variable": _variable("replace"),
    "no_variable": _variable("remove"),
    "method_setting": _method_setting,
    "setting_place": lambda value, known: _setting_place(value) if isinstance(value, Mapping) else ABSENT,
    "no_method_setting": lambda value, known: [{"op": "remove", "path": _setting_place(value)}],
    "media_type": lambda value, known: pointer(media_type(value)),
    "media_types": lambda value, known: [media_type(one) for one in value],
    "laying_mode": _laying_mode,
    "beside_document": _beside_document,
    "endpoint_patches": _endpoint_patches,
    "plan_stages": _plan_stages,
    "limited_stages": _limited_stages,
    "plan_stage": _plan_stage,
    "stage_patches": _stage_patches,
    "stage_limits": _stage_limits,
    "throttle_patches": _whole("/throttle", _LIMITS),
    "quota_patches": _whole("/quota", _QUOTA),
}
