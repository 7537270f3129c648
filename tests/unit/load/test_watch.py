"""What AWS is asked while a run lasts, and what becomes of refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.load.run.watch import NotThere, Watch, watch_of
from sagehen.load.target import parse_target

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not you"}}, "X")
NO_ENDPOINT = ClientError({"Error": {"Code": "ValidationException", "Message": "Could not find it"}}, "X")
NO_FUNCTION = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no such one"}}, "X")
POLICY = {
    "PolicyName": "p",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 20.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    },
}


class Aws:
    """Answers operations from a table; an exception in it is raised."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def client(self, service: str) -> Aws:
        return self

    def __getattr__(self, operation: str) -> Any:
        answer = self.answers[operation]

        def call(**_: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def _endpoint(status: str = "InService", **counts: int) -> dict[str, Any]:
    variants = [
        {"VariantName": name, "CurrentInstanceCount": n, "DesiredInstanceCount": n + 1}
        for name, n in counts.items()
    ]
    return {"EndpointStatus": status, "ProductionVariants": variants}


def _activity(number: str, resource: str = "endpoint/e/variant/v") -> dict[str, Any]:
    return {
        "ActivityId": number, "ResourceId": resource, "Description": f"to {number}", "Cause": "alarm",
        "StatusCode": "InProgress",
    }  # fmt: skip


def _watch(target: str, aws: Aws) -> Watch:
    access: Any = aws
    return watch_of(parse_target(target), access)


def test_instances_policies_and_what_scales_meanwhile() -> None:
    aws = Aws(
        describe_endpoint=_endpoint(v=1, w=2),
        describe_scaling_policies={"ScalingPolicies": [POLICY, {"PolicyName": "steps"}]},
        describe_scaling_activities={"ScalingActivities": [_activity("1")]},
    )
    watch = _watch("endpoint/e", aws)
    watch.begin()
    aws.answers["describe_endpoint"] = _endpoint("Updating", v=2, w=2)
    others = [_activity("3", "endpoint/e2/variant/v"), _activity("2"), _activity("1")]
    aws.answers["describe_scaling_activities"] = {"ScalingActivities": others}
    watch.look(1.0)
    watch.look(2.0)
    assert watch.seen.instances == [(0.0, 3, 5), (1.0, 4, 6), (2.0, 4, 6)]
    assert [(one["seconds"], one["description"]) for one in watch.seen.activities] == [(1.0, "to 2")]
    assert {one["target"] for one in watch.seen.policies} == {20.0}


def test_one_variant_is_looked_at_alone() -> None:
    aws = Aws(
        describe_endpoint=_endpoint(v=1, w=2),
        describe_scaling_policies={"ScalingPolicies": [POLICY]},
        describe_scaling_activities={"ScalingActivities": []},
    )
    watch = _watch("endpoint/e/variant/w", aws)
    watch.begin()
    activities = [_activity(name, f"endpoint/e/variant/{name}") for name in ("w2", "w", "v")]
    aws.answers["describe_scaling_activities"] = {"ScalingActivities": activities}
    watch.look(1.0)
    assert watch.seen.instances == [(0.0, 2, 3), (1.0, 2, 3)]
    assert [one["variant"] for one in watch.seen.policies] == ["w"]
    assert [one["description"] for one in watch.seen.activities] == ["to w"]
    with pytest.raises(NotThere, match="no variant x"):
        _watch("endpoint/e/variant/x", aws).begin()


@pytest.mark.parametrize(
    ("target", "answer", "reason"),
    [
        ("endpoint/e", NO_ENDPOINT, "Could not find it"),
        ("endpoint/e", _endpoint("Creating"), "is Creating"),
        ("function:f", NO_FUNCTION, "no such one"),
        ("function:f:live", {"State": "Failed"}, "is Failed"),
    ],
)
def test_nothing_is_sent_to_what_is_not_there(target: str, answer: Any, reason: str) -> None:
    aws = Aws(describe_endpoint=answer, get_function_configuration=answer)
    with pytest.raises(NotThere, match=reason):
        _watch(target, aws).begin()


def test_who_may_not_look_may_send() -> None:
    watch = _watch("endpoint/e", Aws(describe_endpoint=DENIED))
    watch.begin()
    assert watch.seen.notes == ["instances are not known: not you"]
    scaling = Aws(describe_endpoint=_endpoint(v=1), describe_scaling_policies=DENIED)
    watch = _watch("endpoint/e", scaling)
    watch.begin()
    watch.look(1.0)
    assert watch.seen.notes == ["scaling is not known: not you"]
    assert len(watch.seen.instances) == 2
    watch = _watch("function:f", Aws(get_function_configuration=DENIED, get_metric_statistics=DENIED))
    watch.begin()
    watch.end(datetime.now(UTC))
    assert len(watch.seen.notes) == 2


def test_concurrency_is_cloudwatchs() -> None:
    began = datetime(2026, 11, 29, 8, 0, 30, tzinfo=UTC)
    points = [
        {"Timestamp": began + timedelta(seconds=30), "Maximum": 7.0},
        {"Timestamp": began - timedelta(seconds=30), "Maximum": 3.0},
    ]
    watch = _watch(
        "function:f", Aws(get_function_configuration={}, get_metric_statistics={"Datapoints": points})
    )
    watch.begin()
    watch.end(began)
    assert watch.seen.concurrency == [(0.0, 3.0), (30.0, 7.0)]


def test_nobody_is_asked_about_a_url() -> None:
    watch = watch_of(parse_target("http://h/"), None)
    watch.begin()
    watch.look(1.0)
    watch.end(datetime.now(UTC))
    assert not watch.seen.notes
