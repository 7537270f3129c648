"""Types that lean on one another, by boto3 alone: a network, identities, filters; made, changed, deleted."""

from __future__ import annotations

import uuid
from typing import Any

from tests.conformance.cloudformation.stacks import create, ended, failures, outputs, physical

TEMPLATE = """
Parameters: {Name: {Type: String}, Second: {Type: String, Default: "no"}}
Conditions: {IsSecond: !Equals [!Ref Second, "yes"]}
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.9.0.0/16, EnableDnsHostnames: true}}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.9.1.0/24, MapPublicIpOnLaunch: true,
                 PrivateDnsNameOptionsOnLaunch: {EnableResourceNameDnsARecord: true, HostnameType: ip-name},
                 AvailabilityZone: !Select [0, !GetAZs ""]}
  Gateway: {Type: "AWS::EC2::InternetGateway"}
  Attached:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  Route:
    Type: AWS::EC2::Route
    DependsOn: Attached
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  Associated:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
  Security:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: more
      VpcId: !Ref Vpc
      SecurityGroupEgress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: !If [IsSecond, 444, 443], CidrIp: 0.0.0.0/0}
  Opened:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Security, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {InstanceType: !If [IsSecond, t3.small, t3.micro]}}
  Team:
    Type: AWS::IAM::Group
    Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}
  User:
    Type: AWS::IAM::User
    Properties: {UserName: !Ref Name, Groups: !If [IsSecond, [], [!Ref Team]]}
  AccessKey: {Type: "AWS::IAM::AccessKey", Properties: {UserName: !Ref User}}
  UserPolicy:
    Type: AWS::IAM::UserPolicy
    Properties:
      UserName: !Ref User
      PolicyName: own
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:List*", Resource: "*"}]}
  Group: {Type: "AWS::Logs::LogGroup"}
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref Group
      FilterPattern: "{ $.level = ERROR }"
      MetricTransformations:
        - {MetricName: errors, MetricNamespace: more, MetricValue: "1", Dimensions: [{Key: d, Value: $.word}]}
  Query: {Type: "AWS::Logs::QueryDefinition", Properties: {Name: !Ref Name, QueryString: "fields @message"}}
Outputs:
  Default: {Value: !GetAtt Vpc.DefaultSecurityGroup}
  Secret: {Value: !GetAtt AccessKey.SecretAccessKey}
  Latest: {Value: !GetAtt Template.LatestVersionNumber}
"""
NAMED = ["CAPABILITY_NAMED_IAM"]


def test_types_that_lean_on_one_another(client: Any) -> None:
    cloudformation, ec2, iam = client("cloudformation"), client("ec2"), client("iam")
    name = f"more-{uuid.uuid4().hex[:8]}"
    parameters = [{"ParameterKey": "Name", "ParameterValue": name}]
    stack = create(cloudformation, TEMPLATE, Parameters=parameters, Capabilities=NAMED)
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    ids, found = physical(cloudformation, stack), outputs(told)
    assert found["Latest"] == "1" and len(found["Secret"]) == 40
    [default] = ec2.describe_security_groups(GroupIds=[found["Default"]])["SecurityGroups"]
    assert default["VpcId"] == ids["Vpc"]
    [subnet] = ec2.describe_subnets(SubnetIds=[ids["Subnet"]])["Subnets"]
    assert subnet["PrivateDnsNameOptionsOnLaunch"]["EnableResourceNameDnsARecord"] is True
    [table] = ec2.describe_route_tables(RouteTableIds=[ids["Table"]])["RouteTables"]
    assert {route.get("GatewayId") for route in table["Routes"]} == {"local", ids["Gateway"]}

    def rules() -> list[tuple[str, int]]:
        [group] = ec2.describe_security_groups(GroupIds=[ids["Security"]])["SecurityGroups"]
        both = (("in", group["IpPermissions"]), ("out", group["IpPermissionsEgress"]))
        return [(way, one["ToPort"]) for way, every in both for one in every]

    assert rules() == [("in", 22), ("out", 443)]
    theirs = client("s3", credentials={"AccessKeyId": ids["AccessKey"], "SecretAccessKey": found["Secret"]})
    assert "Buckets" in theirs.list_buckets()
    [filtered] = client("logs").describe_metric_filters(logGroupName=ids["Group"])["metricFilters"]
    assert filtered["metricTransformations"][0]["dimensions"] == {"d": "$.word"}

    cloudformation.update_stack(
        StackName=stack, UsePreviousTemplate=True, Capabilities=NAMED,
        Parameters=[*parameters, {"ParameterKey": "Second", "ParameterValue": "yes"}],
    )  # fmt: skip
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "UPDATE_COMPLETE", failures(cloudformation, stack)
    assert physical(cloudformation, stack) == ids
    assert outputs(told)["Latest"] == "2" and rules() == [("in", 22), ("out", 444)]
    assert iam.list_groups_for_user(UserName=name)["Groups"] == []
    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE", failures(cloudformation, stack)


SAML = "urn:oasis:names:tc:SAML:2.0:metadata"
RECORDS = """
Parameters: {Name: {Type: String}, Words: {Type: String, Default: first}}
Resources:
  Trust:
    Type: AWS::IAM::SAMLProvider
    Properties:
      Name: !Ref Name
      SamlMetadataDocument: !Sub 'DOCUMENT'
  Experiment:
    Type: AWS::SageMaker::Experiment
    Properties: {ExperimentName: !Ref Name, Description: !Ref Words, Tags: [{Key: team, Value: owls}]}
  Component:
    Type: AWS::SageMaker::TrialComponent
    Properties:
      TrialComponentName: !Ref Name
      DisplayName: !Ref Words
      Parameters: {lr: {NumberValue: 0.1}}
      Status: {PrimaryStatus: InProgress}
  Action:
    Type: AWS::SageMaker::Action
    Properties:
      {ActionName: !Ref Name, ActionType: Cleaning, Description: !Ref Words, Source: {SourceUri: !Ref Name}}
  Context:
    Type: AWS::SageMaker::Context
    Properties:
      {ContextName: !Ref Name, ContextType: Shelf, Description: !Ref Words, Source: {SourceUri: !Ref Name}}
  Artifact:
    Type: AWS::SageMaker::Artifact
    Properties:
      {ArtifactName: !Ref Words, ArtifactType: Data, Source: {SourceUri: !Ref Name}, Properties: {rows: "7"}}
Outputs: {Id: {Value: !GetAtt Trust.SamlProviderUUID}}
"""


def test_what_is_recorded_of_work_and_whose_word_is_taken(client: Any) -> None:
    cloudformation, sagemaker, iam = client("cloudformation"), client("sagemaker"), client("iam")
    name = f"more-{uuid.uuid4().hex[:8]}"
    parameters = [{"ParameterKey": "Name", "ParameterValue": name}]
    # IAM takes none under 1,000 characters; of one so long a stack keeps no copy.
    document = f'<EntityDescriptor xmlns="{SAML}" entityID="${{Words}}">{"x" * 40_000}</EntityDescriptor>'
    template = RECORDS.replace("DOCUMENT", document)
    stack = create(cloudformation, template, Parameters=parameters, Capabilities=NAMED)
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    ids = physical(cloudformation, stack)

    def shown() -> set[str]:
        document = iam.get_saml_provider(SAMLProviderArn=ids["Trust"])["SAMLMetadataDocument"]
        return {
            document.split('entityID="')[1].split('"')[0],
            sagemaker.describe_experiment(ExperimentName=name)["Description"],
            sagemaker.describe_trial_component(TrialComponentName=name)["DisplayName"],
            sagemaker.describe_action(ActionName=name)["Description"],
            sagemaker.describe_context(ContextName=name)["Description"],
            sagemaker.describe_artifact(ArtifactArn=ids["Artifact"])["ArtifactName"],
        }

    provider = iam.get_saml_provider(SAMLProviderArn=ids["Trust"])
    assert outputs(told)["Id"] == provider["SAMLProviderUUID"] and shown() == {"first"}
    drift = cloudformation.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Trust")
    assert drift["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"
    tags = sagemaker.list_tags(ResourceArn=ids["Experiment"])["Tags"]
    assert {"Key": "team", "Value": "owls"} in tags
    cloudformation.update_stack(
        StackName=stack, UsePreviousTemplate=True, Capabilities=NAMED,
        Parameters=[*parameters, {"ParameterKey": "Words", "ParameterValue": "second"}],
    )  # fmt: skip
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE", failures(cloudformation, stack)
    assert physical(cloudformation, stack) == ids and shown() == {"second"}
    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE", failures(cloudformation, stack)
    assert not [one for one in iam.list_saml_providers()["SAMLProviderList"] if one["Arn"] == ids["Trust"]]
    assert not [one for one in sagemaker.list_actions()["ActionSummaries"] if one["ActionName"] == name]
