"""Stacks through boto3 alone: made, changed, taken back after a failure, told before, deleted."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import create, ended, physical

TEMPLATE = """
Parameters:
  Days: {Type: Number, Default: 3, AllowedValues: [1, 3, 7]}
  Secret: {Type: String, Default: hush, NoEcho: true}
Conditions:
  IsLong: !Equals [!Ref Days, 7]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: s3:GetObject, Resource: !Sub "${Bucket.Arn}/*"}]
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: DELETION
    Properties: {VersioningConfiguration: {Status: Enabled}, Tags: [{Key: days, Value: !Ref Days}]}
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: !Ref Days}
  Long: {Type: AWS::CloudWatch::Dashboard, Condition: IsLong, Properties: {DashboardBody: '{"widgets": []}'}}
Outputs:
  Bucket: {Value: !Ref Bucket, Export: {Name: !Sub "${AWS::StackName}-bucket"}}
  Zones: {Value: !Join [" ", !GetAZs ""]}
  Far: {Value: !Join [" ", !GetAZs sa-east-1]}
"""
DELETED = TEMPLATE.replace("DELETION", "Delete")
CAPABILITIES = ["CAPABILITY_IAM"]


@pytest.fixture(scope="module")
def cloudformation(client: Any) -> Any:
    return client("cloudformation")


def days(value: int) -> list[dict[str, str]]:
    return [{"ParameterKey": "Days", "ParameterValue": str(value)}]


def test_the_life_of_a_stack(cloudformation: Any, client: Any) -> None:
    stack = create(cloudformation, DELETED, Tags=[{"Key": "team", "Value": "dogs"}])
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", told
    shown = {one["ParameterKey"]: one["ParameterValue"] for one in told["Parameters"]}
    assert shown == {"Days": "3", "Secret": "****"}
    ids = physical(cloudformation, stack)
    assert sorted(ids) == ["Bucket", "Group", "Role"]
    zones = client("ec2").describe_availability_zones()["AvailabilityZones"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in told["Outputs"]}
    assert outputs["Far"] == "sa-east-1a sa-east-1b sa-east-1c"
    assert outputs["Zones"].split() == [zone["ZoneName"] for zone in zones]
    s3, logs, iam = client("s3"), client("logs"), client("iam")
    assert s3.get_bucket_versioning(Bucket=ids["Bucket"])["Status"] == "Enabled"
    policy = iam.get_role_policy(RoleName=ids["Role"], PolicyName="read")["PolicyDocument"]
    assert policy["Statement"][0]["Resource"] == f"arn:aws:s3:::{ids['Bucket']}/*"
    exports = {one["Name"]: one["Value"] for one in cloudformation.list_exports()["Exports"]}
    assert exports[f"{told['StackName']}-bucket"] == ids["Bucket"]

    cloudformation.update_stack(
        StackName=stack, UsePreviousTemplate=True, Parameters=days(7), Capabilities=CAPABILITIES
    )
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    after = physical(cloudformation, stack)
    assert {**after, "Long": ""} == {**ids, "Long": ""} and "Long" in after
    [group] = logs.describe_log_groups(logGroupNamePrefix=ids["Group"])["logGroups"]
    assert group["retentionInDays"] == 7
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloudformation.update_stack(
            StackName=stack, UsePreviousTemplate=True, Parameters=days(7), Capabilities=CAPABILITIES
        )

    broken = DELETED.replace("Properties: {RetentionInDays: !Ref Days}", "Properties: {RetentionInDays: 4}")
    cloudformation.update_stack(
        StackName=stack, TemplateBody=broken, Parameters=days(1), Capabilities=CAPABILITIES
    )
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    [group] = logs.describe_log_groups(logGroupNamePrefix=ids["Group"])["logGroups"]
    assert group["retentionInDays"] == 7
    tags = s3.get_bucket_tagging(Bucket=ids["Bucket"])["TagSet"]
    own = [tag for tag in tags if not tag["Key"].startswith("aws:")]
    assert own == [{"Key": "days", "Value": "7"}, {"Key": "team", "Value": "dogs"}]
    assert physical(cloudformation, stack) == after
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    reasons = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"] == "UPDATE_FAILED"]
    assert any("retentionInDays" in reason or "Retention" in reason for reason in reasons), reasons

    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName=told["StackName"])
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=ids["Bucket"])


def test_a_creation_that_fails_leaves_nothing_and_takes_nothing_of_others(
    cloudformation: Any, client: Any
) -> None:
    s3 = client("s3")
    taken = f"taken-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=taken)
    s3.put_bucket_tagging(Bucket=taken, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {}}
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "DependsOn": "Group",
        "Properties": {"Bucket": taken, "PolicyDocument": {}},
    }
    stack = create(cloudformation, json.dumps({"Resources": {"Group": group, "Policy": policy}}))
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "ROLLBACK_COMPLETE"
    assert physical(cloudformation, stack) == {}
    s3.head_bucket(Bucket=taken)
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        cloudformation.update_stack(StackName=stack, TemplateBody=DELETED, Capabilities=CAPABILITIES)


def test_change_sets_make_and_change_stacks(cloudformation: Any) -> None:
    name = f"s-{uuid.uuid4().hex[:8]}"
    first = {"StackName": name, "TemplateBody": DELETED, "Capabilities": CAPABILITIES}
    cloudformation.create_change_set(**first, ChangeSetName="first", ChangeSetType="CREATE")
    told = cloudformation.describe_change_set(StackName=name, ChangeSetName="first")
    actions = {
        one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"]["Action"] for one in told["Changes"]
    }
    assert actions == dict.fromkeys(("Bucket", "Group", "Role"), "Add")
    cloudformation.execute_change_set(StackName=name, ChangeSetName="first")
    assert ended(cloudformation, name)["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.create_change_set(**first, ChangeSetName="same")
    same = cloudformation.describe_change_set(StackName=name, ChangeSetName="same")
    assert same["Status"] == "FAILED" and "didn't contain changes" in same["StatusReason"]
    with pytest.raises(ClientError, match=r"cannot be executed in its current status of \[FAILED\]"):
        cloudformation.execute_change_set(StackName=name, ChangeSetName="same")
    # What tells of a stack that was updated otherwise since is not carried out.
    cloudformation.create_change_set(**first, ChangeSetName="late", Parameters=days(1))
    cloudformation.update_stack(**first, Parameters=days(7))
    assert ended(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"
    late = cloudformation.describe_change_set(StackName=name, ChangeSetName="late")
    assert (late["Status"], late["ExecutionStatus"]) == ("CREATE_COMPLETE", "OBSOLETE")
    with pytest.raises(ClientError, match=r"in its current execution status of \[OBSOLETE\]"):
        cloudformation.execute_change_set(StackName=name, ChangeSetName="late")
    cloudformation.create_change_set(**first, ChangeSetName="more", Parameters=days(1))
    cloudformation.execute_change_set(StackName=name, ChangeSetName="more")
    assert ended(cloudformation, name)["StackStatus"] == "UPDATE_COMPLETE"
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName=name)
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=name)


def test_rights_are_those_on_the_stack_however_it_is_named(cloudformation: Any, client: Any) -> None:
    iam, name = client("iam"), f"prod-{uuid.uuid4().hex[:8]}"
    made = cloudformation.create_change_set(
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=DELETED,
        Capabilities=CAPABILITIES,
    )  # fmt: skip
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    statements = [
        {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:cloudformation:*:*:stack/prod-*"},
    ]
    iam.put_user_policy(
        UserName=name,
        PolicyName="not-prod",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    theirs = client("cloudformation", credentials=key)
    forged = made["StackId"].replace(f"stack/{name}/", "stack/mine/")
    for call, request, code in (
        (theirs.get_template, {"StackName": name}, "AccessDenied"),
        (theirs.get_template, {"StackName": made["StackId"]}, "AccessDenied"),
        (theirs.get_template, {"StackName": forged}, "ValidationError"),
        (theirs.describe_change_set, {"ChangeSetName": made["Id"]}, "AccessDenied"),
        (theirs.execute_change_set, {"ChangeSetName": made["Id"]}, "AccessDenied"),
    ):
        with pytest.raises(ClientError) as refused:
            call(**request)
        assert refused.value.response["Error"]["Code"] == code
    cloudformation.delete_stack(StackName=name)


def test_templates_are_checked_before_anything_is_made(cloudformation: Any) -> None:
    with pytest.raises(ClientError, match="DeletionPolicy DELETION is not implemented"):
        create(cloudformation, TEMPLATE)
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_IAM\]"):
        create(cloudformation, DELETED, Capabilities=[])
    with pytest.raises(ClientError, match="must be one of AllowedValues"):
        create(cloudformation, DELETED, Parameters=days(2))
    told = cloudformation.get_template_summary(TemplateBody=DELETED)
    assert told["Capabilities"] == CAPABILITIES and "AWS::S3::Bucket" in told["ResourceTypes"]
    parameters = {
        one["ParameterKey"]: one["NoEcho"]
        for one in cloudformation.validate_template(TemplateBody=DELETED)["Parameters"]
    }
    assert parameters == {"Days": False, "Secret": True}


def test_what_one_stack_exports_another_imports(cloudformation: Any) -> None:
    name = f"x-{uuid.uuid4().hex[:8]}"
    group = {"Type": "AWS::Logs::LogGroup"}
    output = {"Value": {"Ref": "Group"}, "Export": {"Name": name}}
    first = create(cloudformation, json.dumps({"Resources": {"Group": group}, "Outputs": {"Name": output}}))
    assert ended(cloudformation, first)["StackStatus"] == "CREATE_COMPLETE"
    stream = {"Type": "AWS::Logs::LogStream", "Properties": {"LogGroupName": {"Fn::ImportValue": name}}}
    second = create(cloudformation, json.dumps({"Resources": {"Stream": stream}}))
    assert ended(cloudformation, second)["StackStatus"] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match=f"Export {name} cannot be deleted as it is in use by s-"):
        cloudformation.delete_stack(StackName=first)
    for stack in (second, first):
        cloudformation.delete_stack(StackName=stack)
        assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
    again = create(cloudformation, json.dumps({"Resources": {"Stream": stream}}))
    told = ended(cloudformation, again)
    assert told["StackStatus"] == "ROLLBACK_COMPLETE"


API = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: stack, Description: TOLD}}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      MethodResponses: [{StatusCode: 200}]
      Integration:
        Type: MOCK
        RequestTemplates: {application/json: '{"statusCode": 200, "said": "WORD"}'}
        IntegrationResponses: [{StatusCode: 200}]
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: {RestApiId: !Ref Api, StageName: prod, Description: WORD}
"""


def test_what_no_operation_changes_is_made_again_and_taken_back(cloudformation: Any, client: Any) -> None:
    gateway = client("apigateway")

    def template(word: str, told: str, more: str = "") -> str:
        return API.replace("WORD", word).replace("TOLD", told) + more

    def seen(api: str) -> tuple[Any, ...]:
        [root] = gateway.get_resources(restApiId=api)["items"]
        method = gateway.get_method(restApiId=api, resourceId=root["id"], httpMethod="GET")
        stage = gateway.get_stage(restApiId=api, stageName="prod")
        [deployment] = gateway.get_deployments(restApiId=api)["items"]
        assert stage["deploymentId"] == deployment["id"]
        integration = method["methodIntegration"]
        words = json.loads(integration["requestTemplates"]["application/json"])["said"]
        description = gateway.get_rest_api(restApiId=api).get("description")
        assert sorted(integration["integrationResponses"]) == ["200"]
        return words, deployment["description"], description

    stack = create(cloudformation, template("first", "an API"))
    assert ended(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE"
    api = physical(cloudformation, stack)["Api"]
    assert seen(api) == ("first", "first", "an API")
    cloudformation.update_stack(StackName=stack, TemplateBody=template("second", "an API"))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert physical(cloudformation, stack)["Api"] == api
    assert seen(api) == ("second", "second", "an API")
    bad = "  Bad: {Type: AWS::Logs::LogGroup, DependsOn: Deployment, Properties: {RetentionInDays: 4}}\n"
    cloudformation.update_stack(StackName=stack, TemplateBody=template("third", "other", bad))
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert seen(api) == ("second", "second", "an API")
    without = template("second", "").replace(", Description: }", "}")
    cloudformation.update_stack(StackName=stack, TemplateBody=without)
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert seen(api)[2] in (None, "")
    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"


def test_zones_of_no_region_are_refused_before_there_is_a_stack(cloudformation: Any) -> None:
    nowhere = DELETED.replace("!GetAZs sa-east-1", "!GetAZs us-west-9")
    with pytest.raises(ClientError, match=r"Fn::GetAZs.*Invalid region provided: us-west-9") as refused:
        create(cloudformation, nowhere)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
