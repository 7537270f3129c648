"""What a stage may be, and what UpdateStage makes of one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.apigateway.errors import BadRequestException, LimitExceededException, NotFoundException
from sagehen.services.apigateway.snapshot.stages import Throttle, method_key
from sagehen.services.apigateway.stages.patches import apply_stage_patches, default_method_setting
from sagehen.services.apigateway.stages.rules import (
    check_stage,
    check_stage_request,
    check_variables,
    new_stage,
    refuse_too_many,
)
from sagehen.services.apigateway.stages.view import _settings

GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:g"


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("a", "1", True),
        ("a_B9", "http://h:80/a?b=c&d,~-._#", True),
        ("a", "", True),
        ("n" * 64, "v" * 512, True),
        ("n" * 65, "v", False),
        ("n", "v" * 513, False),
        ("a-b", "1", False),
        ("", "1", False),
        ("a", "b c", False),
        ("a", "{}", False),
        ("å", "1", False),
    ],
)
def test_variables(name: str, value: str, taken: bool) -> None:
    if taken:
        check_variables({name: value})
    else:
        with pytest.raises(BadRequestException, match="Stage variable"):
            check_variables({name: value})


@pytest.mark.parametrize(("many", "taken"), [(100, True), (101, False)])
def test_how_many_variables(many: int, taken: bool) -> None:
    variables = {f"v{number}": "" for number in range(many)}
    if taken:
        check_variables(variables)
    else:
        with pytest.raises(BadRequestException, match="more than 100 variables"):
            check_variables(variables)


@pytest.mark.parametrize(("many", "taken"), [(0, True), (9, True), (10, False)])
def test_how_many_stages(many: int, taken: bool) -> None:
    if taken:
        refuse_too_many([{}] * many)
    else:
        with pytest.raises(LimitExceededException, match="stages for this API is 10"):
            refuse_too_many([{}] * many)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ({"stageName": "a-b_C9"}, None),
        ({"stageName": "n" * 128}, None),
        ({}, None),  # a deployment without a stage
        ({"stageName": ""}, BadRequestException),
        ({"stageName": "n" * 129}, BadRequestException),
        ({"stageName": "a.b"}, BadRequestException),
        ({"stageName": "a", "variables": {"a b": "1"}}, BadRequestException),
        ({"stageName": "a", "canarySettings": {"percentTraffic": 100.0}}, None),
        ({"stageName": "a", "canarySettings": {"percentTraffic": 100.1}}, BadRequestException),
        ({"stageName": "a", "canarySettings": {"percentTraffic": -0.1}}, BadRequestException),
        (
            {"stageName": "a", "canarySettings": {"stageVariableOverrides": {"a b": "1"}}},
            BadRequestException,
        ),
        ({"stageName": "a", "cacheClusterEnabled": False}, None),
        ({"stageName": "a", "cacheClusterEnabled": True}, NotImplementedOperation),
        ({"stageName": "a", "tracingEnabled": True}, NotImplementedOperation),
        ({"stageName": "a", "clientCertificateId": "c"}, NotImplementedOperation),
    ],
)
def test_requests(request_: dict[str, Any], kind: type[Exception] | None) -> None:
    if kind is None:
        check_stage_request(request_)
    else:
        with pytest.raises(kind):
            check_stage_request(request_)


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        ({"destinationArn": GROUP, "format": "$context.requestId"}, None),
        ({"destinationArn": GROUP}, None),
        ({"format": '{"id":"$context.extendedRequestId"}\n'}, None),
        ({"format": "$context.requestIdentity"}, BadRequestException),
        ({"format": "$context.stage"}, BadRequestException),
        ({"format": "$context.requestId\n$context.stage"}, BadRequestException),
        ({"format": ""}, BadRequestException),
        ({"destinationArn": "group"}, BadRequestException),
        ({"destinationArn": "arn:aws:s3:::b"}, BadRequestException),
        ({"destinationArn": GROUP.replace("log-group", "query")}, BadRequestException),
        (
            {"destinationArn": "arn:aws:firehose:us-east-1:111122223333:deliverystream/s"},
            NotImplementedOperation,
        ),
    ],
)
def test_access_logs(log: dict[str, Any], kind: type[Exception] | None) -> None:
    if kind is None:
        check_stage({"accessLogSettings": log})
    else:
        with pytest.raises(kind):
            check_stage({"accessLogSettings": log})


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("/pets/GET", "/pets/GET"),
        ("pets/GET", "/pets/GET"),
        ("~1pets/GET", "/pets/GET"),
        ("~1pets~1{id}/GET", "/pets/{id}/GET"),
        ("~1a~0b/GET", "/a~b/GET"),
    ],
)
def test_keys_of_methods(key: str, found: str) -> None:
    assert method_key(key) == found


@pytest.mark.parametrize(
    ("rate", "burst", "limit"),
    [
        (10.5, 3, Throttle(10.5, 3)),
        (0.0, 0, Throttle(0.0, 0)),
        (-1.0, -1, Throttle(None, None)),  # AWS's spelling of no limit of its own
        (-1.0, 5, Throttle(None, 5)),
    ],
)
def test_limits_of_methods(rate: float, burst: int, limit: Throttle) -> None:
    setting = {**default_method_setting(), "throttlingRateLimit": rate, "throttlingBurstLimit": burst}
    assert _settings(setting).throttle == limit


STAGE = new_stage({"stageName": "prod", "variables": {"a": "1"}}, 5, deploymentId="one")
CANARY = {"deploymentId": "two", "percentTraffic": 10.0, "useStageCache": False}


def patch(op: str, path: str, value: str | None = None, source: str | None = None) -> dict[str, str]:
    found = {"op": op, "path": path, "value": value, "from": source}
    return {key: text for key, text in found.items() if text is not None}


@pytest.mark.parametrize(
    ("own", "operations", "changed"),
    [
        ({}, [patch("replace", "/description", "d")], {"description": "d"}),
        ({"description": "d"}, [patch("remove", "/description")], {"description": None}),
        ({}, [patch("replace", "/deploymentId", "two")], {"deploymentId": "two"}),
        ({}, [patch("add", "/variables/b", "2")], {"variables": {"a": "1", "b": "2"}}),
        ({}, [patch("replace", "/variables/b", "2")], {"variables": {"a": "1", "b": "2"}}),
        ({}, [patch("remove", "/variables/a")], {"variables": None}),
        (
            {},
            [patch("add", "/accessLogSettings/destinationArn", GROUP)],
            {"accessLogSettings": {"destinationArn": GROUP}},
        ),
        (
            {"accessLogSettings": {"format": "f"}},
            [patch("remove", "/accessLogSettings")],
            {"accessLogSettings": None},
        ),
        # A canary begins on the stage's own deployment.
        (
            {},
            [patch("replace", "/canarySettings/percentTraffic", "10")],
            {"canarySettings": {**CANARY, "deploymentId": "one"}},
        ),
        (
            {"canarySettings": CANARY},
            [patch("add", "/canarySettings/stageVariableOverrides/a", "2")],
            {"canarySettings": {**CANARY, "stageVariableOverrides": {"a": "2"}}},
        ),
        ({"canarySettings": CANARY}, [patch("remove", "/canarySettings")], {"canarySettings": None}),
        (
            {"canarySettings": CANARY},
            [patch("copy", "/deploymentId", source="/canarySettings/deploymentId")],
            {"deploymentId": "two"},
        ),
        (
            {"canarySettings": {**CANARY, "stageVariableOverrides": {"a": "2", "b": "3"}}},
            [patch("copy", "/variables", source="/canarySettings/stageVariableOverrides")],
            {"variables": {"a": "2", "b": "3"}},
        ),
        *(
            (
                {},
                [patch("replace", f"/*/*/{setting}", value)],
                {"methodSettings": {"*/*": {**default_method_setting(), member: made}}},
            )
            for setting, value, member, made in (
                ("metrics/enabled", "true", "metricsEnabled", True),
                ("logging/dataTrace", "true", "dataTraceEnabled", True),
                ("logging/loglevel", "INFO", "loggingLevel", "INFO"),
                ("throttling/burstLimit", "7", "throttlingBurstLimit", 7),
                ("throttling/rateLimit", "0.5", "throttlingRateLimit", 0.5),
                ("caching/ttlInSeconds", "60", "cacheTtlInSeconds", 60),
                ("caching/enabled", "true", "cachingEnabled", True),
                ("caching/dataEncrypted", "true", "cacheDataEncrypted", True),
            )
        ),
        (
            {"methodSettings": {"~1pets/GET": {**default_method_setting(), "metricsEnabled": True}}},
            [patch("remove", "/~1pets/GET/metrics/enabled")],
            {"methodSettings": {"~1pets/GET": default_method_setting()}},
        ),
        (
            {"methodSettings": {"*/*": default_method_setting(), "~1pets/GET": default_method_setting()}},
            [patch("remove", "/~1pets/GET")],
            {"methodSettings": {"*/*": default_method_setting()}},
        ),
    ],
)
def test_patches(own: dict[str, Any], operations: list[dict[str, str]], changed: dict[str, Any]) -> None:
    stage = copy.deepcopy({**STAGE, **own})
    apply_stage_patches(stage, operations)
    assert stage == {key: value for key, value in {**STAGE, **own, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("operation", "kind", "message"),
    [
        (patch("replace", "/nonsense", "x"), BadRequestException, "Invalid method setting path: /nonsense."),
        (
            patch("replace", "/~1pets/FETCH/metrics/enabled", "true"),
            BadRequestException,
            "Invalid method setting path: /~1pets/FETCH/metrics/enabled.",
        ),
        (
            patch("replace", "/*/*/logging/loglevel", "LOUD"),
            BadRequestException,
            "Invalid value LOUD specified. Must be one of: ['OFF', 'ERROR', 'INFO']",
        ),
        (
            patch("replace", "/*/*/throttling/burstLimit", "x"),
            BadRequestException,
            "Invalid number specified: x",
        ),
        (
            patch("remove", "/*/*"),
            BadRequestException,
            "Cannot remove method setting */* because there is no method setting for this method ",
        ),
        (patch("remove", "/variables/none"), NotFoundException, "Invalid stage variable specified"),
        (
            patch("add", "/canarySettings/percentTraffic", "1"),
            BadRequestException,
            "Invalid add operation with path: /canarySettings/percentTraffic",
        ),
        (
            patch("add", "/canarySettings/stageVariableOverrides/a", "1"),
            BadRequestException,
            "Canary settings must be set before stage variable overrides",
        ),
        (
            patch("copy", "/deploymentId", source="/canarySettings/deploymentId"),
            BadRequestException,
            "Promotion not available. Canary does not exist.",
        ),
        (
            patch("copy", "/description", source="/x"),
            BadRequestException,
            "Invalid copy operation with path: /description and from /x.",
        ),
    ],
)
def test_refusals(operation: dict[str, str], kind: type[Exception], message: str) -> None:
    stage = copy.deepcopy(STAGE)
    with pytest.raises(kind) as raised:
        apply_stage_patches(stage, [operation])
    assert str(getattr(raised.value, "message", "")).startswith(message)
