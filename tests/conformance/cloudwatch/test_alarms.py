"""CloudWatch alarms through boto3 alone."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.running import LAMBDA_RUNTIME
from tests.waiting import eventually

Client = Callable[..., Any]


@pytest.fixture
def cloudwatch(client: Client) -> Any:
    return client("cloudwatch")


@pytest.fixture
def name(cloudwatch: Any) -> Iterator[str]:
    """A prefix of this test's alarms; they are deleted after it, composite ones first."""
    prefix = f"test-{uuid.uuid4().hex}"
    yield prefix
    for kind in ("CompositeAlarm", "MetricAlarm"):
        found = cloudwatch.describe_alarms(AlarmNamePrefix=prefix, AlarmTypes=[kind])
        for alarm in [*found["CompositeAlarms"], *found["MetricAlarms"]]:
            cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])


def put(cloudwatch: Any, name: str, **changes: Any) -> None:
    settings: dict[str, Any] = {
        "AlarmName": name,
        "Namespace": f"Test/{name}",
        "MetricName": "m",
        "Dimensions": [{"Name": "Endpoint", "Value": "e"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 3.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(**{**settings, **changes})


def observe(cloudwatch: Any, name: str, value: float) -> datetime:
    """Put a value into the minute before this one."""
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    datum = {
        "MetricName": "m",
        "Dimensions": [{"Name": "Endpoint", "Value": "e"}],
        "Timestamp": at,
        "Value": value,
    }
    cloudwatch.put_metric_data(Namespace=f"Test/{name}", MetricData=[datum])
    return at


def described(cloudwatch: Any, name: str) -> dict[str, Any]:
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    [alarm] = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return dict(alarm)


def wait_for(cloudwatch: Any, name: str, value: str, seconds: float = 130) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alarm = described(cloudwatch, name)
        if alarm["StateValue"] == value:
            return alarm
        time.sleep(0.2)
    raise AssertionError(f"{name} did not come to {value}: {alarm['StateReason']}")


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call()
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_an_alarm_evaluates_its_metric(cloudwatch: Any, name: str) -> None:
    at = observe(cloudwatch, name, 5.0)
    put(cloudwatch, name, AlarmDescription="too much")
    alarm = wait_for(cloudwatch, name, "ALARM")
    assert alarm["StateReason"] == (
        f"Threshold Crossed: 1 out of the last 1 datapoints [5.0 ({at:%d/%m/%y %H:%M:%S})] was greater"
        " than the threshold (3.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    data = json.loads(alarm["StateReasonData"])
    assert data["recentDatapoints"] == [5.0]
    assert data["startDate"] == f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"
    assert alarm["AlarmArn"] == f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"
    assert alarm["ActionsEnabled"] is True
    assert alarm["AlarmActions"] == alarm["OKActions"] == alarm["InsufficientDataActions"] == []
    assert alarm["Dimensions"] == [{"Name": "Endpoint", "Value": "e"}]
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in history] == [
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("ConfigurationUpdate", f'Alarm "{name}" created'),
    ]
    assert json.loads(history[0]["HistoryData"])["newState"]["stateReasonData"] == data


def test_a_changed_threshold_is_evaluated(cloudwatch: Any, name: str) -> None:
    observe(cloudwatch, name, 5.0)
    put(cloudwatch, name)
    wait_for(cloudwatch, name, "ALARM")
    put(cloudwatch, name, Threshold=7.0)
    alarm = wait_for(cloudwatch, name, "OK")
    assert "was not greater than the threshold (7.0)" in alarm["StateReason"]


def test_metric_math(cloudwatch: Any, name: str) -> None:
    observe(cloudwatch, name, 5.0)
    metric = {
        "Namespace": f"Test/{name}",
        "MetricName": "m",
        "Dimensions": [{"Name": "Endpoint", "Value": "e"}],
    }
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[
            {
                "Id": "m1",
                "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
                "ReturnData": False,
            },
            {"Id": "double", "Expression": "m1 * 2", "Label": "twice"},
        ],
        EvaluationPeriods=1,
        Threshold=10.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    alarm = wait_for(cloudwatch, name, "ALARM")
    assert "was greater than or equal to the threshold (10.0)." in alarm["StateReason"]
    assert alarm["Metrics"][1]["Expression"] == "m1 * 2"
    assert "MetricName" not in alarm


def test_missing_data(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name, TreatMissingData="breaching", EvaluationPeriods=2, DatapointsToAlarm=2)
    alarm = wait_for(cloudwatch, name, "ALARM")
    assert alarm["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 2 periods"
        " and 2 missing datapoints were treated as [Breaching]."
    )


def test_composite_alarms(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, f"{name}-a", TreatMissingData="ignore")
    cloudwatch.put_composite_alarm(AlarmName=f"{name}-c", AlarmRule=f'NOT OK("{name}-a") AND TRUE')
    assert described(cloudwatch, f"{name}-c")["StateValue"] == "ALARM"
    cloudwatch.set_alarm_state(AlarmName=f"{name}-a", StateValue="OK", StateReason="by hand")
    alarm = described(cloudwatch, f"{name}-c")
    assert alarm["StateValue"] == "OK"
    child = f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}-a"
    assert alarm["StateReason"].startswith(f"{child} transitioned to OK at ")
    assert json.loads(alarm["StateReasonData"])["triggeringAlarms"][0]["arn"] == child
    assert cloudwatch.describe_alarms(AlarmNamePrefix=name)["CompositeAlarms"] == []
    code, message = refused(lambda: cloudwatch.delete_alarms(AlarmNames=[f"{name}-a"]))
    assert (code, "composite" in message) == ("ValidationError", True)


def test_state_set_by_hand(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name, TreatMissingData="ignore")
    cloudwatch.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="a drill", StateReasonData='{"why":"test"}'
    )
    alarm = described(cloudwatch, name)
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "a drill")
    assert json.loads(alarm["StateReasonData"]) == {"why": "test"}
    assert refused(
        lambda: cloudwatch.set_alarm_state(
            AlarmName=name, StateValue="OK", StateReason="", StateReasonData="{"
        )
    )[0] == ("InvalidFormat")
    missing = refused(
        lambda: cloudwatch.set_alarm_state(AlarmName=f"{name}-none", StateValue="OK", StateReason="")
    )
    assert missing == ("ResourceNotFound", "")


def test_listing_and_tags(cloudwatch: Any, name: str) -> None:
    for index in range(5):
        put(cloudwatch, f"{name}-{index}", Tags=[{"Key": "n", "Value": str(index)}])
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=name, PaginationConfig={"PageSize": 2}
    )
    listed = [[alarm["AlarmName"] for alarm in page["MetricAlarms"]] for page in pages]
    assert listed == [[f"{name}-0", f"{name}-1"], [f"{name}-2", f"{name}-3"], [f"{name}-4"]]
    found = cloudwatch.describe_alarms_for_metric(
        Namespace=f"Test/{name}-3", MetricName="m", Dimensions=[{"Name": "Endpoint", "Value": "e"}]
    )["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == [f"{name}-3"]
    arn = found[0]["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "ml"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["n"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "ml"}]
    code, _ = refused(lambda: cloudwatch.list_tags_for_resource(ResourceARN=arn + "-none"))
    assert code == "ResourceNotFoundException"


def test_alarms_of_another_account_and_region_are_not_seen(
    client: Client, cloudwatch: Any, name: str
) -> None:
    put(cloudwatch, name)
    for other in (
        client("cloudwatch", account="210987654321"),
        client("cloudwatch", region="eu-central-1"),
    ):
        assert other.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_actions_switched_off_and_on(cloudwatch: Any, name: str) -> None:
    put(cloudwatch, name)
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    assert described(cloudwatch, name)["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=[name])
    assert described(cloudwatch, name)["ActionsEnabled"] is True


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Period": 7}, "ValidationError"),
        ({"DatapointsToAlarm": 2}, "ValidationError"),
        ({"TreatMissingData": "no"}, "ValidationError"),
        ({"AlarmActions": ["arn:aws:sns:us-east-1:123456789012:topic"]}, "NotImplemented"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "NotImplemented"),
    ],
)
def test_refused(cloudwatch: Any, name: str, changes: dict[str, Any], code: str) -> None:
    assert refused(lambda: put(cloudwatch, name, **changes))[0] == code


def test_rights_are_those_on_the_alarm(client: Client, cloudwatch: Any, name: str) -> None:
    iam = client("iam")
    user = f"u-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=user)
    statement = {
        "Effect": "Allow",
        "Action": "cloudwatch:*",
        "Resource": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}-mine",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    mine = client("cloudwatch", credentials=key)
    put(mine, f"{name}-mine")
    assert described(mine, f"{name}-mine")["StateValue"]
    code, message = refused(lambda: put(mine, f"{name}-other"))
    assert code.startswith("AccessDenied")  # each wire protocol has its own spelling
    assert (
        f"cloudwatch:PutMetricAlarm on resource: arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}-other"
        in (message)
    )
    assert refused(lambda: mine.describe_alarms())[0].startswith("AccessDenied")
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=user, PolicyName="p")
    iam.delete_user(UserName=user)


@pytest.fixture
def function(client: Client) -> Iterator[str]:
    """The ARN of a function that prints the event it got."""
    iam, functions = client("iam"), client("lambda")
    name = f"alarmed-{uuid.uuid4().hex[:12]}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    logs = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=name, PolicyArn=logs)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("code.py", "import json\ndef handler(e, c):\n    print('GOT', json.dumps(e))\n")
    made = functions.create_function(
        FunctionName=name,
        Runtime=LAMBDA_RUNTIME,
        Role=role,
        Handler="code.handler",
        Code={"ZipFile": package.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    yield made["FunctionArn"]
    functions.delete_function(FunctionName=name)
    iam.detach_role_policy(RoleName=name, PolicyArn=logs)
    iam.delete_role(RoleName=name)


def test_an_alarm_invokes_a_function_that_lets_it(
    client: Client, cloudwatch: Any, name: str, function: str
) -> None:
    def acted() -> list[str]:
        found = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")
        return [item["HistorySummary"] for item in found["AlarmHistoryItems"]]

    def state(value: str) -> None:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason="a drill")

    put(cloudwatch, name, AlarmActions=[function], TreatMissingData="ignore")
    state("ALARM")
    [summary] = eventually(acted)
    assert summary.startswith(f"Failed to execute action {function}. Received error: ")
    assert "not authorized to perform: lambda:InvokeFunction" in summary

    arn = described(cloudwatch, name)["AlarmArn"]
    client("lambda").add_permission(
        FunctionName=function,
        StatementId="alarm",
        Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
        SourceAccount="123456789012",
        SourceArn=arn,
    )
    state("OK")
    state("ALARM")
    eventually(lambda: f"Successfully executed action {function}" in acted())

    logs, group = client("logs"), f"/aws/lambda/{function.rsplit(':', 1)[1]}"

    def printed() -> list[str]:
        try:
            found = logs.filter_log_events(logGroupName=group, filterPattern="GOT")["events"]
        except ClientError:  # the group comes with the first invocation
            return []
        return [event["message"] for event in found]

    [line] = eventually(printed)
    event = json.loads(line.split("GOT ", 1)[1])
    assert event["source"] == "aws.cloudwatch"
    assert event["alarmArn"] == arn
    assert event["alarmData"]["state"]["value"] == "ALARM"
    assert event["alarmData"]["state"]["reason"] == "a drill"
    assert event["alarmData"]["previousState"]["value"] == "OK"
    [query] = event["alarmData"]["configuration"]["metrics"]
    assert query["metricStat"]["metric"]["dimensions"] == {"Endpoint": "e"}
