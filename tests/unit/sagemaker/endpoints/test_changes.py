"""What happens to an endpoint's record: every change from every status, and every change of counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.executors.base import ExitStatus
from sagehen.services.sagemaker.endpoints import changes, scaling
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.failure import reason_of
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 1, 2, tzinfo=UTC)
STATUSES = ("Creating", "InService", "Updating", "RollingBack", "Failed", "OutOfService", "Deleting")
NO_POLICY: Any = {"BlueGreenUpdatePolicy": None}
UNHEALTHY = "did not pass the ping health check. Please check CloudWatch logs for this endpoint."
IN_PROGRESS = 'Cannot update in-progress endpoint "arn:aws:sagemaker:r:1:endpoint/e".'
FAILED = 'Cannot update endpoint "arn:aws:sagemaker:r:1:endpoint/e" in Failed status.'


def deployment(generation: int, **counts: int) -> Deployment:
    variants = (EndpointVariant(name, "m", "t", count, 1.0, "i", "r") for name, count in counts.items())
    return Deployment(generation, f"config-{generation}", 0.0, tuple(variants))


def endpoint(status: str, **more: Any) -> Endpoint:
    live = None if status in ("Creating", "Failed") else deployment(1, a=2, b=1)
    return Endpoint(Scope("1", "r"), "e", status, NOW, NOW, **{"live": live, **more})


def update(found: Endpoint) -> Endpoint:
    return changes.updated(found, deployment(0, a=2), {}, LATER)


def scale(found: Endpoint) -> Endpoint:
    return scaling.scaled(found, [{"VariantName": "a", "DesiredInstanceCount": 3}], LATER)


def delete(found: Endpoint) -> Endpoint:
    return changes.deleting(found, LATER)


@pytest.mark.parametrize(
    ("change", "status", "outcome"),
    [
        *((change, status, IN_PROGRESS) for change in (update, scale)
          for status in STATUSES if status not in ("InService", "Failed")),
        *((change, "InService", "Updating") for change in (update, scale)),
        *((change, "Failed", FAILED) for change in (update, scale)),
        *((delete, status, "Deleting") for status in ("InService", "Failed", "OutOfService")),
        *((delete, status, IN_PROGRESS) for status in ("Creating", "Updating", "RollingBack", "Deleting")),
    ],
)  # fmt: skip
def test_what_a_request_may_change(change: Callable[[Endpoint], Endpoint], status: str, outcome: str) -> None:
    found = endpoint(status)
    if outcome in STATUSES:
        changed = change(found)
        assert (changed.status, changed.modified_at) == (outcome, LATER)
    else:
        with pytest.raises(ValidationException) as refusal:
            change(found)
        assert refusal.value.message == outcome


@pytest.mark.parametrize(
    ("request_", "a", "b"),
    [
        ({}, (5, 9.0), (6, 9.0)),
        ({"RetainAllVariantProperties": False}, (5, 9.0), (6, 9.0)),
        ({"RetainAllVariantProperties": True}, (2, 1.0), (1, 1.0)),
        ({"RetainAllVariantProperties": True,
          "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]},
         (2, 9.0), (1, 9.0)),
        ({"RetainAllVariantProperties": True,
          "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}]},
         (5, 1.0), (6, 1.0)),
    ],
)  # fmt: skip
def test_what_an_update_keeps_of_the_live_variants(request_: Any, a: Any, b: Any) -> None:
    fresh = deployment(0, a=5, b=6, c=7)
    fresh = replace(fresh, variants=tuple(replace(variant, weight=9.0) for variant in fresh.variants))
    pending = changes.updated(endpoint("InService"), fresh, request_, LATER).pending
    assert pending is not None and pending.generation == 2
    assert [(v.desired_count, v.weight) for v in pending.variants] == [a, b, (7, 9.0)]


@pytest.mark.parametrize(
    ("request_", "captures"),
    [
        ({}, "new"),
        ({"RetainAllVariantProperties": True}, "old"),
        ({"RetainAllVariantProperties": True,
          "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]}, "old"),
        ({"RetainAllVariantProperties": True,
          "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}]}, "new"),
    ],
)  # fmt: skip
def test_what_an_update_keeps_of_data_capture(request_: Any, captures: str) -> None:
    before = endpoint("InService")
    assert before.live is not None
    before = replace(before, live=replace(before.live, data_capture={"DestinationS3Uri": "old"}))
    fresh = replace(deployment(0, a=5), data_capture={"DestinationS3Uri": "new"})
    pending = changes.updated(before, fresh, request_, LATER).pending
    assert pending is not None and pending.data_capture == {"DestinationS3Uri": captures}


@pytest.mark.parametrize(
    ("kept", "retain", "given", "then"),
    [
        ({}, False, None, {}),
        ({"AutoRollbackConfiguration": {}}, False, None, {}),
        ({"AutoRollbackConfiguration": {}}, True, None, {"AutoRollbackConfiguration": {}}),
        (
            {"AutoRollbackConfiguration": {}},
            True,
            {"BlueGreenUpdatePolicy": None},
            {"BlueGreenUpdatePolicy": None},
        ),
    ],
)
def test_whose_deployment_policy_an_update_has(kept: Any, retain: bool, given: Any, then: Any) -> None:
    request = {"RetainDeploymentConfig": retain, "DeploymentConfig": given}
    found = endpoint("InService", deployment_config=kept)
    assert changes.updated(found, deployment(0, a=1), request, LATER).deployment_config == then


PENDING = deployment(2, a=1)


def roll_back(found: Endpoint) -> Endpoint:
    return changes.rolled_back(found, "why")


@pytest.mark.parametrize(
    ("change", "found", "status", "live", "pending"),
    [
        (changes.promoted, endpoint("Creating", pending=PENDING), "InService", 2, None),
        (changes.promoted, endpoint("Updating", pending=PENDING), "Updating", 2, None),
        (changes.promoted, endpoint("Updating"), "Updating", 1, None),
        (roll_back, endpoint("Creating", pending=PENDING), "Failed", None, 2),
        (
            lambda e: changes.rolled_back(e, "why"),
            endpoint("Updating", pending=PENDING),
            "RollingBack",
            1,
            None,
        ),
        (changes.settled, endpoint("RollingBack"), "InService", 1, None),
        (lambda e: changes.interrupted(e, "why"), endpoint("Updating"), "InService", 1, None),
    ],
)
def test_what_the_loop_makes_of_it(
    change: Any, found: Endpoint, status: str, live: int | None, pending: int | None
) -> None:
    changed = change(found)
    generations = [None if d is None else d.generation for d in (changed.live, changed.pending)]
    assert (changed.status, *generations) == (status, live, pending)
    assert changed.rollout_step == 0


def test_a_reason_is_as_long_as_aws_shows() -> None:
    assert len(changes.rolled_back(endpoint("Updating"), "x" * 5000).failure_reason or "") == 1024
    assert len(scaling.reverted(endpoint("Updating"), {}, "x" * 5000).failure_reason or "") == 1024


@pytest.mark.parametrize(
    ("wanted", "a", "b"),
    [
        ([{"VariantName": "a", "DesiredInstanceCount": 5}], (5, 1.0), (1, 1.0)),
        ([{"VariantName": "a", "DesiredWeight": 0.0}], (2, 0.0), (1, 1.0)),
        ([{"VariantName": "b", "DesiredWeight": 2.0, "DesiredInstanceCount": 4}], (2, 1.0), (4, 2.0)),
        ([{"VariantName": "a", "DesiredInstanceCount": 1}, {"VariantName": "b", "DesiredInstanceCount": 2}],
         (1, 1.0), (2, 1.0)),
        ([{"VariantName": "a"}], (2, 1.0), (1, 1.0)),
    ],
)  # fmt: skip
def test_weights_and_capacities(wanted: Any, a: Any, b: Any) -> None:
    live = scaling.scaled(endpoint("InService"), wanted, LATER).live
    assert live is not None
    assert [(v.desired_count, v.weight) for v in live.variants] == [a, b]


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        ({"VariantName": "c"}, ValidationException, 'The variant name.s. "c" is/are not present'),
        ({"VariantName": "a", "DesiredInstanceCount": 0}, ValidationException, "at least 1"),
        ({"VariantName": "a", "DesiredInstanceCount": 20}, ResourceLimitExceeded,
         "'t for endpoint usage' is 20 Instances, with current utilization of 3 .* a request delta of 18 "),
        ({"VariantName": "a", "ServerlessUpdateConfig": {"MaxConcurrency": 1}}, ValidationException,
         "not serverless"),
    ],
)  # fmt: skip
def test_weights_and_capacities_that_are_refused(wanted: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        scaling.scaled(endpoint("InService"), [wanted], LATER)


def test_an_endpoint_above_the_quota_may_shrink() -> None:
    found = endpoint("InService", live=deployment(1, a=40, b=1))
    live = scaling.scaled(found, [{"VariantName": "a", "DesiredInstanceCount": 30}], LATER).live
    assert live is not None and live.variants[0].desired_count == 30


@pytest.mark.parametrize(
    ("ready", "counts"), [({}, [2, 1]), ({"a": 1}, [1, 1]), ({"a": 1, "b": 3}, [1, 3]), ({"c": 9}, [2, 1])]
)
def test_a_change_of_counts_taken_back(ready: Any, counts: list[int]) -> None:
    changed = scaling.reverted(endpoint("Updating"), ready, "no room")
    assert changed.live is not None
    assert [v.desired_count for v in changed.live.variants] == counts
    assert (changed.status, changed.failure_reason) == ("InService", "no room")


@pytest.mark.parametrize(
    ("was_ready", "status", "said"),
    [
        (False, None, UNHEALTHY),
        (
            False,
            ExitStatus(1),
            "did not pass the ping health check. Please check CloudWatch logs for this endpoint.",
        ),
        (True, None, "stopped answering pings."),
        (True, ExitStatus(3), "ended with exit code 3."),
        (True, ExitStatus(137, 9, out_of_memory=True), "ran out of memory."),
    ],
)
def test_why_an_instance_is_gone(was_ready: bool, status: ExitStatus | None, said: str) -> None:
    assert reason_of("v", was_ready, status) == f"The primary container for production variant v {said}"


def test_an_asynchronous_endpoint_scales_to_zero_and_stays_asynchronous() -> None:
    before = endpoint("InService")
    assert before.live is not None
    variants = tuple(replace(variant, concurrency=4) for variant in before.live.variants)
    before = replace(before, live=replace(before.live, variants=variants, asynchronous={"OutputConfig": {}}))
    name = variants[0].name
    live = scaling.scaled(before, [{"VariantName": name, "DesiredInstanceCount": 0}], LATER).live
    assert live is not None and live.variants[0].desired_count == 0
    assert changes.updated(before, replace(deployment(0, a=1), asynchronous={"O": 1}), {}, LATER).pending
    for one, other in ((before, deployment(0, a=1)), (endpoint("InService"), before.live)):
        assert other is not None
        with pytest.raises(ValidationException, match="asynchronous"):
            changes.updated(one, other, {}, LATER)
