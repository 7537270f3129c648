"""Custom resources by functions, wait conditions by signals: made, changed, replaced, taken back, deleted."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagehen.services.lambda_.execution import runtimes
from tests.conformance.cloudformation.stacks import ended, failures, new_name, outputs, physical
from tests.waiting import eventually

# Writes down what it was asked; is what it is told to be, and fails where it is told to.
SOURCE = """
import json, time, boto3, cfnresponse
def handler(event, context):
    properties = event["ResourceProperties"]
    boto3.client("s3").put_object(
        Bucket=properties["Log"], Key=str(time.time_ns()), Body=json.dumps(event).encode())
    status = "FAILED" if properties.get("Fail") == event["RequestType"] else "SUCCESS"
    cfnresponse.send(event, context, status, {"Said": properties["Say"]}, properties["Id"], True, "as told")
"""
FUNCTION = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Timeout": 60,
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": SOURCE},
        },
    },
}


@pytest.fixture(scope="module")
def cloudformation(client: Any) -> Any:
    return client("cloudformation")


def template(log: str, *, later: dict[str, Any] | None = None, **properties: Any) -> str:
    token = {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Log": log, "ServiceTimeout": 120}
    thing = {"Type": "Custom::Thing", "Properties": {**token, **properties}}
    said = {"Fn::GetAtt": ["Thing", "Said"]}
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": said}}
    return json.dumps(
        {
            "Resources": {**FUNCTION, "Thing": thing, "Parameter": parameter, **(later or {})},
            "Outputs": {"Said": {"Value": said}, "Id": {"Value": {"Ref": "Thing"}}},
        }
    )


def asked(s3: Any, log: str) -> list[dict[str, Any]]:
    """Return what the function was asked, in the order of that."""
    found = s3.list_objects_v2(Bucket=log).get("Contents", ())
    return [json.loads(s3.get_object(Bucket=log, Key=one["Key"])["Body"].read()) for one in found]


def test_a_custom_resource_from_its_creation_to_its_end(cloudformation: Any, client: Any) -> None:
    s3, name, log = client("s3"), new_name(), f"log-{new_name()}"
    s3.create_bucket(Bucket=log)
    more = {"StackName": name, "Capabilities": ["CAPABILITY_IAM"]}
    stack = cloudformation.create_stack(**more, TemplateBody=template(log, Say="a", Id="one", N=1))["StackId"]
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    assert outputs(told) == {"Said": "*****", "Id": "one"}  # NoEcho: for people's eyes alone
    parameter = physical(cloudformation, stack)["Parameter"]
    assert client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "a"
    [first] = asked(s3, log)
    assert (first["RequestType"], first["ResourceType"], first["ResourceProperties"]["N"]) == (
        "Create",
        "Custom::Thing",
        "1",
    )

    # Changed in place; then another in its place, of which the old one is deleted at the end.
    for say, identity in (("b", "one"), ("c", "two")):
        cloudformation.update_stack(**more, TemplateBody=template(log, Say=say, Id=identity, N=1))
        assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE", failures(
            cloudformation, stack
        )
        assert client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == say
    kinds = [(one["RequestType"], one.get("PhysicalResourceId")) for one in asked(s3, log)]
    assert kinds == [("Create", None), ("Update", "one"), ("Update", "one"), ("Delete", "one")]
    assert asked(s3, log)[1]["OldResourceProperties"]["Say"] == "a"

    # What comes after it fails: it is told to be again what it was.
    bad = {"Bad": {"Type": "AWS::Logs::LogGroup", "DependsOn": "Thing", "Properties": {"RetentionInDays": 4}}}
    cloudformation.update_stack(**more, TemplateBody=template(log, later=bad, Say="d", Id="two"))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "c"
    assert [one["ResourceProperties"]["Say"] for one in asked(s3, log)[-2:]] == ["d", "c"]
    # Its own refusal, in its own words.
    cloudformation.update_stack(**more, TemplateBody=template(log, Say="e", Id="two", Fail="Update"))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    words = "Received response status [FAILED] from custom resource. Message returned: as told"
    assert any(words in reason for reason in failures(cloudformation, stack))

    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE", failures(cloudformation, stack)
    assert asked(s3, log)[-1]["RequestType"] == "Delete"


# As `crhelper` and the handlers of CDK do: the host and the path alone, by TLS at port 443, and no proxy.
PYTHON = """
import http.client, json, urllib.parse
def handler(event, context):
    url = urllib.parse.urlsplit(event["ResponseURL"])
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "python", "Data": {"Said": "python"}}
    connection = http.client.HTTPSConnection(url.netloc, timeout=30)
    connection.request("PUT", f"{url.path}?{url.query}", json.dumps(answer), {"content-type": ""})
    print(connection.getresponse().status)
"""
NODE = """
const https = require("https"), url = require("url");
exports.handler = (event) => new Promise((resolve, reject) => {
  const { StackId, RequestId, LogicalResourceId } = event;
  const { hostname, path } = url.parse(event.ResponseURL);
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, Status: "SUCCESS",
    PhysicalResourceId: "node", Data: { Said: "node" } });
  const headers = { "content-type": "", "content-length": Buffer.byteLength(body, "utf8") };
  const sent = https.request({ hostname, path, method: "PUT", headers }, (answer) => {
    answer.resume(); resolve();
  });
  sent.on("error", reject);
  sent.end(body);
});
"""


@pytest.mark.parametrize(("kind", "source"), [("python", PYTHON), ("node", NODE)])
def test_handlers_that_know_https_alone_get_through(cloudformation: Any, kind: str, source: str) -> None:
    runtime = next((one for one in runtimes.discover() if one.startswith(kind)), None)
    if runtime is None:
        pytest.skip(f"no {kind} on this machine")
    made = json.loads(template("none", Say="", Id=""))
    made["Resources"]["Function"]["Properties"] |= {"Runtime": runtime, "Code": {"ZipFile": source}}
    request = {"StackName": new_name(), "TemplateBody": json.dumps(made)}
    stack = cloudformation.create_stack(**request, Capabilities=["CAPABILITY_IAM"])["StackId"]
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    assert outputs(told) == {"Said": kind, "Id": kind}
    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE", failures(cloudformation, stack)


HANDLES = json.dumps(
    {
        "Resources": {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Condition": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "TIMEOUT", "Count": 2},
            },
            "First": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "TIMEOUT"},
            },
            "Policy": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "CreationPolicy": {"ResourceSignal": {"Timeout": "PT5M"}},
            },
        },
        "Outputs": {"Data": {"Value": {"Fn::GetAtt": ["Condition", "Data"]}}},
    }
)


def send(url: str, **signal: Any) -> int:
    request = urllib.request.Request(url, json.dumps(signal).encode(), method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def begun(cloudformation: Any, timeout: str = "300") -> tuple[str, str]:
    name = new_name()
    cloudformation.create_stack(StackName=name, TemplateBody=HANDLES.replace("TIMEOUT", timeout))
    eventually(lambda: {"Condition", "First", "Policy"} <= physical(cloudformation, name).keys())
    return name, physical(cloudformation, name)["Handle"]


def test_a_stack_waits_for_signals(cloudformation: Any) -> None:
    name, url = begun(cloudformation)
    assert send(url, Status="SUCCESS", UniqueId="a", Data="x") == 200
    assert send(url, Status="SUCCESS", UniqueId="a", Data="again") == 200  # counts once
    assert send(url, Status="Maybe", UniqueId="b") == 400
    assert send(url + "x", Status="SUCCESS", UniqueId="b") == 403
    [told] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert told["StackStatus"] == "CREATE_IN_PROGRESS"
    assert send(url, Status="SUCCESS", UniqueId="b", Data="y") == 200
    signal = {"StackName": name, "LogicalResourceId": "Policy", "UniqueId": "i-1", "Status": "SUCCESS"}
    cloudformation.signal_resource(**signal)
    told = ended(cloudformation, name)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, name)
    assert json.loads(outputs(told)["Data"]) == {"a": "x", "b": "y"}
    with pytest.raises(ClientError, match="CREATE_COMPLETE"):
        cloudformation.signal_resource(**signal)
    cloudformation.delete_stack(StackName=name)


def test_signals_of_failure_and_none_in_time_fail_their_resource(cloudformation: Any) -> None:
    name, url = begun(cloudformation)
    assert send(url, Status="FAILURE", UniqueId="a", Reason="no disk") == 200
    late, _ = begun(cloudformation, "1")
    for stack, words in (
        (name, "received failed message: 'no disk' for uniqueId: a"),
        (late, "WaitCondition timed out. Received 0 conditions when expecting 2"),
    ):
        signal = {"LogicalResourceId": "Policy", "UniqueId": "i-1", "Status": "SUCCESS"}
        cloudformation.signal_resource(StackName=stack, **signal)
        assert ended(cloudformation, stack)["StackStatus"] == "ROLLBACK_COMPLETE"
        assert any(words in reason for reason in failures(cloudformation, stack)), failures(
            cloudformation, stack
        )
        cloudformation.delete_stack(StackName=stack)


MACRO = """
def handler(event, context):
    for resource in event["fragment"]["Resources"].values():
        resource["Properties"]["RetentionInDays"] = event["templateParameterValues"]["Days"]
    return {"requestId": event["requestId"], "status": "success", "fragment": event["fragment"]}
"""


def test_a_macro_of_ones_own_makes_templates(cloudformation: Any, client: Any) -> None:
    name, macro = new_name(), f"Macro{new_name()[2:]}"
    resources = json.loads(json.dumps(FUNCTION))
    resources["Function"]["Properties"]["Code"]["ZipFile"] = MACRO
    resources["Macro"] = {
        "Type": "AWS::CloudFormation::Macro",
        "Properties": {"Name": macro, "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]}},
    }
    template = json.dumps({"Resources": resources})
    more = {"TemplateBody": template, "Capabilities": ["CAPABILITY_IAM"]}
    made_of = cloudformation.create_stack(StackName=name, **more)["StackId"]
    assert ended(cloudformation, name)["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, name)
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {}}
    days = {"Days": {"Type": "Number", "Default": 7}}
    asking = json.dumps({"Transform": macro, "Parameters": days, "Resources": {"Group": group}})
    request = {"StackName": new_name(), "TemplateBody": asking}
    cloudformation.create_stack(**request, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    stack = request["StackName"]
    assert ended(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    made = physical(cloudformation, stack)["Group"]
    [told] = client("logs").describe_log_groups(logGroupNamePrefix=made)["logGroups"]
    assert told["retentionInDays"] == 7
    cloudformation.delete_stack(StackName=stack)
    cloudformation.delete_stack(StackName=name)
    ended(cloudformation, made_of)
    with pytest.raises(ClientError, match=f"No transform named 123456789012::{macro} found"):
        cloudformation.create_stack(**request, Capabilities=["CAPABILITY_AUTO_EXPAND"])
