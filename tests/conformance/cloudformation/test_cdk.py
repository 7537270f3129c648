"""CDK's way through boto3 alone: an environment bootstrapped, assets published, an app deployed by its roles.

Templates are our own, of the shapes that `cdk bootstrap` and `cdk deploy` send (tried with 2.1148).
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import ended, physical

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
BOOTSTRAP = """
Parameters:
  Qualifier: {Type: String, AllowedPattern: "[A-Za-z0-9_-]{1,10}"}
  Trusted: {Type: CommaDelimitedList, Default: ""}
  KeyId: {Type: String, Default: ""}
Conditions:
  HasTrusted: !Not [!Equals ["", !Join ["", !Ref Trusted]]]
  NewKey: !Equals ["", !Ref KeyId]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: NewKey
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {Action: "kms:*", Effect: Allow, Principal: {AWS: !Ref "AWS::AccountId"}, Resource: "*"}
          - {Action: "kms:Decrypt", Effect: Allow, Principal: {AWS: !Sub "${Publishing.Arn}"}, Resource: "*"}
  Alias:
    Type: AWS::KMS::Alias
    Condition: NewKey
    Properties: {AliasName: !Sub "alias/cdk-${Qualifier}-assets-key", TargetKeyId: !Ref Key}
  Staging:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "cdk-${Qualifier}-assets"
      AccessControl: Private
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}
      VersioningConfiguration: {Status: Enabled}
      LifecycleConfiguration:
        Rules:
          - {Id: Old, Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 30}}
          - {Id: Parts, Status: Enabled, AbortIncompleteMultipartUpload: {DaysAfterInitiation: 1}}
    UpdateReplacePolicy: Retain
    DeletionPolicy: Retain
  Repository:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: !Sub "cdk-${Qualifier}-container-assets"
      ImageTagMutability: IMMUTABLE
      LifecyclePolicy:
        LifecyclePolicyText: |
          {"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {"tagStatus": "untagged",
           "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 365}}]}
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: ["ecr:BatchGetImage"]}
  Publishing:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "cdk-${Qualifier}-file-publishing"
      Tags: [{Key: "aws-cdk:bootstrap-role", Value: file-publishing}]
      AssumeRolePolicyDocument:
        Statement:
          - {Action: "sts:AssumeRole", Effect: Allow, Principal: {AWS: !Ref "AWS::AccountId"}}
          - !If
            - HasTrusted
            - {Action: "sts:AssumeRole", Effect: Allow, Principal: {AWS: !Ref Trusted}}
            - !Ref AWS::NoValue
  PublishingPolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: publish
      Roles: [!Ref Publishing]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: ["s3:PutObject*", "s3:GetObject*", "s3:GetBucket*", "s3:List*"]
            Resource: [!GetAtt Staging.Arn, !Sub "${Staging.Arn}/*"]
            Condition: {StringEquals: {"aws:ResourceAccount": [!Ref "AWS::AccountId"]}}
  Execution:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "cdk-${Qualifier}-exec"
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]
      AssumeRolePolicyDocument:
        Statement:
          - {Action: "sts:AssumeRole", Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}}
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "cdk-${Qualifier}-deploy"
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AWSCloudFormationReadOnlyAccess"]
      AssumeRolePolicyDocument:
        Statement: [{Action: "sts:AssumeRole", Effect: Allow, Principal: {AWS: !Ref "AWS::AccountId"}}]
      Policies:
        - PolicyName: default
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ["cloudformation:*ChangeSet", "cloudformation:DeleteStack"]
                Resource: "*"
              - {Effect: Allow, Action: "iam:PassRole", Resource: !Sub "${Execution.Arn}"}
              - {Effect: Allow, Action: ["s3:GetObject*", "s3:List*"], Resource: "*"}
              - {Effect: Allow, Action: "ssm:GetParameter*", Resource: "*"}
  Version:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: !Sub "/cdk-bootstrap/${Qualifier}/version", Value: "33"}
Outputs:
  Key: {Value: !If [NewKey, !GetAtt Key.Arn, !Ref KeyId], Export: {Name: !Sub "Cdk-${Qualifier}-Key"}}
  Repository: {Value: !Sub "${Repository}"}
"""
APP = """
Parameters:
  BootstrapVersion: {Type: "AWS::SSM::Parameter::Value<String>", Default: /cdk-bootstrap/QUALIFIER/version}
Rules:
  CheckBootstrapVersion:
    Assertions:
      - Assert: !Not [{"Fn::Contains": [["1", "2", LEAST], !Ref BootstrapVersion]}]
        AssertDescription: "CDK bootstrap stack version 6 required."
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Action: "sts:AssumeRole", Effect: Allow, Principal: {Service: lambda.amazonaws.com}}]
  Function:
    Type: AWS::Lambda::Function
    DependsOn: [Role]
    Properties:
      Code: {S3Bucket: cdk-QUALIFIER-assets, S3Key: app.zip}
      Role: !GetAtt Role.Arn
      Runtime: python3.11
      Handler: index.handler
      Environment: {Variables: {WORD: SAID}}
    Metadata: {"aws:cdk:path": App/Function/Resource}
  CDKMetadata: {Type: AWS::CDK::Metadata, Properties: {Analytics: "v2:deflate64:H4sIAAAAAAAA"}}
"""


def deploy(cloudformation: Any, name: str, template: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Deploy as CDK does: by a change set, read with its values, executed."""
    kind = "UPDATE" if more.pop("is_update", False) else "CREATE"
    made = cloudformation.create_change_set(
        StackName=name, ChangeSetName="cdk-deploy-change-set", ChangeSetType=kind, Capabilities=CAPABILITIES,
        IncludeNestedStacks=True, DeploymentConfig={"Mode": "STANDARD"}, **template, **more,
    )  # fmt: skip
    told: dict[str, Any] = cloudformation.describe_change_set(
        StackName=made["StackId"], ChangeSetName=made["Id"], IncludePropertyValues=True
    )
    assert told["Status"] == "CREATE_COMPLETE", told
    cloudformation.execute_change_set(StackName=name, ChangeSetName=made["Id"])
    after = ended(cloudformation, name)
    assert after["StackStatus"] == f"{kind}_COMPLETE", cloudformation.describe_stack_events(StackName=name)
    return told


def changed(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"] for one in told["Changes"]}


def test_an_environment_is_bootstrapped_and_an_app_deployed_by_its_roles(client: Any) -> None:
    cloudformation, s3, sts = client("cloudformation"), client("s3"), client("sts")
    qualifier = uuid.uuid4().hex[:8]
    toolkit, bucket = f"CDKToolkit-{qualifier}", f"cdk-{qualifier}-assets"
    parameters = [{"ParameterKey": "Qualifier", "ParameterValue": qualifier}]
    bootstrap = {"TemplateBody": BOOTSTRAP}
    deploy(cloudformation, toolkit, bootstrap, Parameters=parameters, ImportExistingResources=True)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules[1]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in ended(cloudformation, toolkit)["Outputs"]}
    assert client("kms").get_key_rotation_status(KeyId=outputs["Key"])["KeyRotationEnabled"]
    [repository] = client("ecr").describe_repositories(repositoryNames=[outputs["Repository"]])[
        "repositories"
    ]
    assert repository["imageTagMutability"] == "IMMUTABLE"

    def acting(role: str, service: str) -> Any:
        arn = f"arn:aws:iam::123456789012:role/cdk-{qualifier}-{role}"
        session = sts.assume_role(RoleArn=arn, RoleSessionName="cdk")["Credentials"]
        return client(service, credentials=session)

    acting("file-publishing", "s3").put_object(Bucket=bucket, Key="app.zip", Body=zipped())
    by_role = acting("deploy", "cloudformation")
    execution = f"arn:aws:iam::123456789012:role/cdk-{qualifier}-exec"
    app = f"App-{qualifier}"
    text = APP.replace("QUALIFIER", qualifier)

    def published(said: str, least: str = "'3'") -> dict[str, str]:
        body = text.replace("SAID", said).replace("LEAST", least)
        s3.put_object(Bucket=bucket, Key="app.template.json", Body=body.encode())
        endpoint = s3.meta.endpoint_url
        return {"TemplateURL": f"{endpoint}/{bucket}/app.template.json", "RoleARN": execution}

    first = changed(deploy(by_role, app, published("first")))
    assert "{{changeSet:KNOWN_AFTER_APPLY}}" in first["Function"]["AfterContext"]
    with pytest.raises(ClientError, match="CDK bootstrap stack version 6 required"):
        deploy(by_role, app, published("first", "'33'"), is_update=True)
    second = changed(deploy(by_role, app, published("second"), is_update=True))
    assert list(second) == ["Function"]
    [detail] = second["Function"]["Details"]
    assert json.loads(detail["Target"]["AfterValue"]) == {"Variables": {"WORD": "second"}}
    plain = by_role.get_template(StackName=app)["TemplateBody"]
    assert "WORD: second" in plain
    assert sorted(physical(by_role, app)) == ["CDKMetadata", "Function", "Role"]
    delete(by_role, app)
    delete(cloudformation, toolkit)
    # What stayed behind is taken over by the next bootstrap, as CDK asks.
    again = deploy(cloudformation, toolkit, bootstrap, Parameters=parameters, ImportExistingResources=True)
    actions = {name: one["Action"] for name, one in changed(again).items()}
    assert actions == {**dict.fromkeys(actions, "Add"), "Staging": "Import"}
    assert physical(cloudformation, toolkit)["Staging"] == bucket
    s3.head_object(Bucket=bucket, Key="app.zip")


def delete(cloudformation: Any, name: str) -> None:
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=name)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"


def zipped() -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    return package.getvalue()
