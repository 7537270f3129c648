"""What AWS answered, as public recordings have it: metrics and alarms in each wire format."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

# (statistic, period in seconds, unit) of two queries, and the labels that AWS gave them.
LABELS = [
    ([("Sum", 60, "Seconds"), ("Minimum", 30, "Seconds")], ["metric1 Sum 60", "metric1 Minimum 30"]),
    ([("Sum", 60, "Seconds"), ("Minimum", 60, "Seconds")], ["metric1 Sum", "metric1 Minimum"]),
    ([("Sum", 60, "Seconds"), ("Sum", 30, "Seconds")], ["metric1 60", "metric1 30"]),
    ([("Sum", 60, "Seconds"), ("Minimum", 30, "Milliseconds")], ["metric1 Sum 60", "metric1 Minimum 30"]),
    ([("Sum", 60, "Seconds"), ("Minimum", 60, "Milliseconds")], ["metric1 Sum", "metric1 Minimum"]),
    ([("Sum", 60, "Seconds"), ("Sum", 30, "Milliseconds")], ["metric1 60", "metric1 30"]),
    ([("Sum", 60, "Seconds"), ("Sum", 60, "Milliseconds")], ["metric1", "metric1"]),
]


@pytest.fixture(scope="module", params=["query", "json", "smithy-rpc-v2-cbor"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def cloudwatch(client: Client, protocol: str) -> Any:
    """A client that speaks one of the wire formats, whichever botocore would choose."""
    session = boto3.session.Session()
    loader = session._session.get_component("data_loader")
    load = loader.load_service_model

    def spoken(service: str, kind: str, **more: Any) -> dict[str, Any]:
        model = dict(load(service, kind, **more))
        if service == "cloudwatch" and kind == "service-2":
            model["metadata"] = {**model["metadata"], "protocol": protocol, "protocols": [protocol]}
        return model

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loader, "load_service_model", spoken)
        patched.setattr(boto3, "DEFAULT_SESSION", session)
        made = client("cloudwatch")
    assert made.meta.service_model.resolved_protocol == protocol
    return made


@pytest.fixture
def namespace() -> str:
    return f"test/{uuid.uuid4().hex}"


def put(cloudwatch: Any, namespace: str, *values: float, **more: Any) -> datetime:
    """Publish values of one moment, in seconds unless told otherwise, and return it."""
    at = datetime.now(UTC)
    datum = {"MetricName": "metric1", "Unit": "Seconds", "Timestamp": at} | more
    cloudwatch.put_metric_data(
        Namespace=namespace, MetricData=[{**datum, "Value": value} for value in values]
    )
    return at


def get(
    cloudwatch: Any, namespace: str, at: datetime, *queries: tuple[str, int, str | None], **more: Any
) -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": "metric1", **more}
    asked = []
    for number, (stat, period_s, unit) in enumerate(queries):
        wanted = {"Metric": metric, "Period": period_s, "Stat": stat} | ({"Unit": unit} if unit else {})
        asked.append({"Id": f"q{number}", "MetricStat": wanted})
    minute = timedelta(seconds=60)
    answer: dict[str, Any] = cloudwatch.get_metric_data(
        MetricDataQueries=asked, StartTime=at - minute, EndTime=at + minute
    )
    return answer


@pytest.mark.parametrize(("queries", "labels"), LABELS)
def test_labels_and_values_of_two_queries(
    cloudwatch: Any, namespace: str, queries: list[tuple[str, int, str]], labels: list[str]
) -> None:
    at = put(cloudwatch, namespace, 0, 2, 7, 100)
    answer = get(cloudwatch, namespace, at, *queries)
    assert answer["Messages"] == []
    assert [result["Label"] for result in answer["MetricDataResults"]] == labels
    seen = [result["Values"] for result in answer["MetricDataResults"]]
    stat, _, unit = queries[1]
    of_second = [] if unit == "Milliseconds" else [0.0 if stat == "Minimum" else 109.0]
    assert seen == [[109.0], of_second], "what was put by the minute is in one period of half a minute"
    assert [result["StatusCode"] for result in answer["MetricDataResults"]] == ["Complete"] * 2


@pytest.mark.parametrize(
    ("stat", "value"),
    [("Sum", 12.0), ("SampleCount", 3.0), ("Minimum", 1.0), ("Maximum", 8.0), ("Average", 4.0)],
)
def test_statistics(cloudwatch: Any, namespace: str, stat: str, value: float) -> None:
    at = put(cloudwatch, namespace, 1, 3, 8)
    answer = get(cloudwatch, namespace, at, (stat, 60, None))
    assert answer["Messages"] == []
    [result] = answer["MetricDataResults"]
    assert (result["Label"], result["Values"]) == ("metric1", [value])


def test_a_metric_of_zeros_with_all_statistics(cloudwatch: Any, namespace: str) -> None:
    stats = ("Average", "Sum", "Minimum", "Maximum")
    at = put(cloudwatch, namespace, 0)
    answer = get(cloudwatch, namespace, at, *((stat, 60, None) for stat in stats))
    assert answer["Messages"] == []
    found = [(result["Label"], result["Values"]) for result in answer["MetricDataResults"]]
    assert found == [(f"metric1 {stat}", [0.0]) for stat in stats]


def test_metrics_without_data(cloudwatch: Any, namespace: str) -> None:
    dimensions = [{"Name": "foo", "Value": "bar"}]
    at = put(cloudwatch, namespace, 1, Dimensions=dimensions)
    for none in ([], [{"Name": "foo", "Value": "other"}]):
        answer = get(cloudwatch, namespace, at, ("Sum", 60, None), Dimensions=none)
        assert answer["Messages"] == []
        [result] = answer["MetricDataResults"]
        assert (result["Timestamps"], result["Values"], result["StatusCode"]) == ([], [], "Complete")
    answer = get(cloudwatch, namespace, at, ("Maximum", 60, None), Dimensions=dimensions)
    assert (answer["Messages"], answer["MetricDataResults"][0]["Values"]) == ([], [1.0])


def test_one_unit_of_two(cloudwatch: Any, namespace: str) -> None:
    at = put(cloudwatch, namespace, 1)
    put(cloudwatch, namespace, 1, Unit="Count")
    answer = get(cloudwatch, namespace, at, ("Sum", 60, "Seconds"))
    assert answer["Messages"] == [] and answer["MetricDataResults"][0]["Values"] == [1.0]
    assert answer["MetricDataResults"][0].get("Messages") in (None, [])


def test_a_new_alarm_is_unchecked(cloudwatch: Any, namespace: str) -> None:
    name = uuid.uuid4().hex
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName="metric1",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=30,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateReason"] == "Unchecked: Initial alarm creation"
    assert "StateReasonData" not in alarm
    assert isinstance(alarm["StateUpdatedTimestamp"], datetime)
    cloudwatch.delete_alarms(AlarmNames=[name])
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_states_of_alarms_that_are_refused(cloudwatch: Any, protocol: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloudwatch.set_alarm_state(AlarmName="none", StateValue="INVALID", StateReason="r")
    assert refused.value.response["Error"]["Message"] == (
        "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: "
        "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
    )
    with pytest.raises(ClientError) as refused:
        cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="r")
    error = refused.value.response["Error"]
    assert error["Code"] == "ResourceNotFound"
    assert error.get("Message") == (None if protocol == "query" else ""), "botocore's word for none"
    assert "message" not in refused.value.response
