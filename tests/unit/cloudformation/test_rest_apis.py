"""APIs, stages and usage plans of templates: what changes is patched, in place."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.apigateway.snapshot.stages import method_key
from sagehen.services.apigateway.stages.patches import apply_stage_patches
from sagehen.services.cloudformation.running.changes import changes
from sagehen.services.cloudformation.types.conversions import CONVERSIONS
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import request_of
from tests.unit.cloudformation.test_types import PLACES, TYPES

A_STAGE = {"ApiId": "a", "Stage": "s"}
WITH_LIMIT = {**A_STAGE, "Throttle": {"/pets/GET": {"RateLimit": 5}}}
EVERY = {"ResourcePath": "/*", "HttpMethod": "*"}
PETS = {"ResourcePath": "/pets", "HttpMethod": "GET", "ThrottlingRateLimit": 5}
CLEARED = ("replace /pets/GET/metrics/enabled=false", "remove /pets/GET")


@pytest.mark.parametrize(
    ("name", "old", "new", "patches"),
    [
        ("UsagePlan", {"Throttle": {"RateLimit": 1, "BurstLimit": 2}}, {"Throttle": {"RateLimit": 3}},
         [["remove /throttle", "replace /throttle/rateLimit=3"]]),
        ("UsagePlan", {"Quota": {"Limit": 1, "Period": "DAY"}}, {}, [["remove /quota"]]),
        ("UsagePlan", {"ApiStages": [A_STAGE]}, {"ApiStages": [WITH_LIMIT]},
         [["remove /apiStages/a:s/throttle", "replace /apiStages/a:s/throttle/~1pets~1GET/rateLimit=5"]]),
        ("UsagePlan", {"ApiStages": [WITH_LIMIT]}, {"ApiStages": [A_STAGE]},
         [["remove /apiStages/a:s/throttle"]]),
        ("UsagePlan", {}, {"ApiStages": [WITH_LIMIT]},
         [["add /apiStages=a:s"],
          ["remove /apiStages/a:s/throttle", "replace /apiStages/a:s/throttle/~1pets~1GET/rateLimit=5"]]),
        ("UsagePlan", {"ApiStages": [WITH_LIMIT]}, {},
         [["remove /apiStages=a:s"], ["remove /apiStages/a:s/throttle"]]),
        ("ApiKey", {"Enabled": True}, {}, [["replace /enabled=false"]]),
        ("ApiKey", {"StageKeys": [{"RestApiId": "a"}]}, {"StageKeys": []}, []),
        ("ApiKey", {"Value": "v"}, {"Value": "w"}, None),
        ("Stage", {"Variables": {"a": 1, "b": True}}, {"Variables": {"b": False}},
         [["remove /variables/a"], ["replace /variables/b=false"]]),
        ("Stage", {"MethodSettings": [{**EVERY, "MetricsEnabled": True}]}, {"MethodSettings": [PETS]},
         [["remove /*/*"], [*CLEARED, "replace /pets/GET/throttling/rateLimit=5"]]),
        ("Stage", {"MethodSettings": [{**PETS, "ThrottlingBurstLimit": 9}]}, {"MethodSettings": [PETS]},
         [[*CLEARED, "replace /pets/GET/throttling/rateLimit=5"]]),
        ("Stage", {"TracingEnabled": False}, {"TracingEnabled": True}, None),
        ("RestApi", {"MinimumCompressionSize": 5}, {}, [["replace /minimumCompressionSize="]]),
        ("RestApi", {"BinaryMediaTypes": ["a/b"]}, {"BinaryMediaTypes": ["c/d"]},
         [["remove /binaryMediaTypes/a~1b"], ["add /binaryMediaTypes/c~1d"]]),
        ("RestApi", {"Policy": {"A": 1}}, {"Policy": {"A": 2}}, [['replace /policy={"A": 2}']]),
        ("RestApi", {}, {"EndpointConfiguration": {"Types": ["EDGE"]}},
         [["replace /endpointConfiguration/types/0=EDGE"]]),
    ],
)  # fmt: skip
def test_a_difference_is_a_patch_or_another_resource(
    name: str, old: dict[str, Any], new: dict[str, Any], patches: list[list[str]] | None
) -> None:
    kind = TYPES[f"AWS::ApiGateway::{name}"]
    before, after = (
        Known({"RestApiId": "a", "StageName": "s", **one}, "i", places=PLACES) for one in (old, new)
    )
    calls = changes(kind, before, after)
    if patches is None:
        assert calls is None
        return
    assert calls is not None
    requests = [request_of(kind, step, known)["patchOperations"] for step, known in calls]
    assert [[_told(one) for one in every] for every in requests] == patches


def _told(patch: dict[str, str]) -> str:
    value = f"={patch['value']}" if "value" in patch else ""
    return f"{patch['op']} {patch['path']}{value}"


@pytest.mark.parametrize(
    ("written", "path"),
    [("/", "/"), ("/~1pets~1{id}", "/pets/{id}"), ("/pets/{id}", "/pets/{id}"), ("/~1pets", "/pets")],
)
def test_a_method_setting_is_of_the_method_that_its_path_names(written: str, path: str) -> None:
    setting = {"ResourcePath": written, "HttpMethod": "GET"}
    place = CONVERSIONS["setting_place"](setting, Known({}))
    stage = {"methodSettings": {}}
    apply_stage_patches(stage, [{"op": "replace", "path": f"{place}/metrics/enabled", "value": "true"}])
    [key] = stage["methodSettings"]
    assert method_key(key) == f"{path}/GET"
    everywhere = CONVERSIONS["setting_place"]({"ResourcePath": "/*", "HttpMethod": "*"}, Known({}))
    assert everywhere == "/*/*"


def test_a_document_takes_precedence_over_what_stands_beside_it_and_lists_have_both() -> None:
    given = {"Description": "d", "Version": "2", "BinaryMediaTypes": ["a/b", "c/d"], "Policy": {"A": 1}}
    laid = {"description": "its own", "apiKeySource": "HEADER", "binaryMediaTypes": ["a/b"]}
    known = Known(given, "i", {"laid": laid}, places=PLACES)
    told = [_told(one) for one in CONVERSIONS["beside_document"]({}, known)]
    assert told == ["replace /version=2", 'replace /policy={"A": 1}', "add /binaryMediaTypes/c~1d"]


@pytest.mark.parametrize(
    ("conversion", "value"),
    [
        ("variable", False),
        ("method_setting", {"Bogus": 1}),
        ("throttle_patches", {"Rate": 1}),
        ("endpoint_patches", {"VpcEndpointIds": []}),
    ],
)
def test_what_has_another_form_is_refused_in_words(conversion: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not a map|unsupported property"):
        CONVERSIONS[conversion](value, Known({}))
