"""The condition keys of each action: those that AWS's service authorization reference lists, and no others.

Every declared operation's access rule is asked with a request in which every member is set.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.app.data_folder import DataFolder
from sagehen.app.platform import Platform
from sagehen.app.settings import DEFAULT_ACCOUNT_ID as ACCOUNT
from sagehen.app.settings import Settings
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import root_principal
from sagehen.domain.scope import Scope
from sagehen.services.ec2.images.catalogue import public_images
from sagehen.services.ec2.resources.kinds import KINDS
from sagehen.services.iam.authorization.action_keys import (
    action_keys,
    conditions_of,
    kind_of,
    resource_tag_keys,
)

_IAM, _LAMBDA = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:lambda:us-east-1:{ACCOUNT}"
_ADMIN = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
_DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
# Texts that access rules take apart.
_TEXTS = {
    "AccountId": ACCOUNT,
    "Bucket": "birds",
    "Key": "k",
    "CopySource": "birds/k",
    "Tagging": "team=red",
    "RoleArn": f"{_IAM}:role/r",
    "PolicyArn": f"{_IAM}:policy/p",
    "PolicySourceArn": f"{_IAM}:role/r",
    "OpenIDConnectProviderArn": f"{_IAM}:oidc-provider/example.com",
    "SAMLProviderArn": f"{_IAM}:saml-provider/s",
    "Resource": f"{_LAMBDA}:function:f",
    "FunctionName": "f",
    "Qualifier": "1",
    "VersionId": "null",
    "LayerName": "layer",
    "Arn": f"{_LAMBDA}:layer:layer:1",
    "Layers": f"{_LAMBDA}:layer:layer:1",
    "AliasName": "alias/a",
    "SerialNumber": f"{_IAM}:mfa/phone",
    "ResourceArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/t",
    "PipelineExecutionArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/p/execution/e",
    "DestinationArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:artifact/a",
    "ResourceARN": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:a",
    "registryId": ACCOUNT,
    "repositoryName": "birds",
    "repositoryNames": "birds",
    "resourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:g",
}


def sample(shape: Shape, name: str, depth: int = 0) -> Any:
    """Return a value in which every member is set."""
    if isinstance(shape, StructureShape):
        if depth > 6:
            return {}
        if set(shape.members) in ({"Key", "Value"}, {"TagKey", "TagValue"}):
            return {name: "team" if name.endswith("Key") else "red" for name in shape.members}
        return {key: sample(member, key, depth + 1) for key, member in shape.members.items()}
    if isinstance(shape, ListShape):
        return [sample(shape.member, name, depth + 1)]
    if isinstance(shape, MapShape):
        return {"team": sample(shape.value, name, depth + 1)}
    if shape.type_name == "string":
        return _TEXTS.get(name) or (shape.enum[0] if shape.enum else "x")
    plain: dict[str, Any] = {"boolean": True, "blob": b"x", "timestamp": ManualClock().now()}
    return plain.get(shape.type_name, 1)


def request_of(model: OperationModel) -> dict[str, Any]:
    request = sample(model.input_shape, "") if model.input_shape else {}
    for token in ("GrantToken", "GrantTokens"):
        request.pop(token, None)  # they are opaque: no sample is one
    request.pop("ExpectedBucketOwner", None)
    request.pop("ExpectedSourceBucketOwner", None)
    if request.pop("TokenCode", None):  # no device is there whose code it could be
        request.pop("SerialNumber", None)
    if "TagSpecifications" in request:  # EC2's: tags for whatever an operation makes
        [tags] = (item["Tags"] for item in request["TagSpecifications"])
        request["TagSpecifications"] = [{"ResourceType": kind.name, "Tags": tags} for kind in KINDS]
    if "IamInstanceProfileAssociation" in model.name or model.name == "DisassociateIamInstanceProfile":
        request["AssociationId"] = _TEXTS["profile"]
    if model.service_model.service_name == "ssm" and "ResourceType" in request:
        request["ResourceType"] = "Parameter"
    if model.service_model.service_name == "s3control":
        request["ResourceArn"] = "arn:aws:s3:::birds"
    if model.service_model.service_name == "ecr" and "resourceArn" in request:
        request["resourceArn"] = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/birds"
    return dict(request)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = DataFolder(tmp_path_factory.mktemp("platform") / "data")
    folder.open()
    made = Platform(Settings(data_folder=folder.root, port=1), folder)
    asyncio.run(_fill(made))
    yield made
    made.close_database()
    folder.close()


async def _fill(platform: Platform) -> None:
    """Make what access rules look at: tagged things of each service."""
    handlers = {
        (service.name, bound.name): bound.handler
        for service in platform.services()
        for bound in service.operations()
    }

    async def call(service: str, name: str, /, **request: Any) -> Any:
        return await handlers[service, name](context_of(service, name), request)

    tag = [{"Key": "team", "Value": "red"}]
    await call("s3", "CreateBucket", Bucket="birds")
    await call("s3", "PutObject", Bucket="birds", Key="k", Body=b"", Tagging="team=red")
    made = await call("apigateway", "CreateRestApi", name="x", tags={"team": "red"})
    _TEXTS["restApiId"] = made["id"]
    key = await call("kms", "CreateKey", Tags=[{"TagKey": "team", "TagValue": "red"}])
    for member in ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"):
        _TEXTS[member] = key["KeyMetadata"]["KeyId"]
    await call("kms", "CreateAlias", AliasName=_TEXTS["AliasName"], TargetKeyId=_TEXTS["KeyId"])
    await call("ecr", "CreateRepository", repositoryName="birds", tags=tag)
    await call("logs", "CreateLogGroup", logGroupName="x", tags={"team": "red"})
    await _fill_networks(call)
    await call("ssm", "PutParameter", Name="x", Value="x", Type="String", Tags=tag)
    trust: Any = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}'
    await call("iam", "CreateUser", UserName="x", Tags=tag)
    await call("iam", "PutUserPermissionsBoundary", UserName="x", PermissionsBoundary=_ADMIN)
    key = await call("iam", "CreateAccessKey", UserName="x")
    _TEXTS["AccessKeyId"] = key["AccessKey"]["AccessKeyId"]
    made = await call(
        "iam", "CreateServiceSpecificCredential", UserName="x", ServiceName="codecommit.amazonaws.com"
    )
    _TEXTS["ServiceSpecificCredentialId"] = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    await call("iam", "CreatePolicy", PolicyName="p", Tags=tag, PolicyDocument=_DOCUMENT)
    await call("iam", "CreateInstanceProfile", InstanceProfileName="x", Tags=tag)
    await call("iam", "CreateRole", RoleName="r", Tags=tag, AssumeRolePolicyDocument=trust)
    await call("iam", "CreateRole", RoleName="x", Tags=tag, AssumeRolePolicyDocument=trust)
    await call("iam", "AddRoleToInstanceProfile", InstanceProfileName="x", RoleName="x")
    profile = {"Name": "x"}
    made = await call(
        "ec2", "AssociateIamInstanceProfile", IamInstanceProfile=profile, InstanceId=_TEXTS["InstanceId"]
    )
    _TEXTS["profile"] = made["IamInstanceProfileAssociation"]["AssociationId"]
    await call("iam", "PutRolePermissionsBoundary", RoleName="x", PermissionsBoundary=_ADMIN)


async def _fill_networks(call: Any) -> None:
    """Make of each kind of EC2's one that is tagged."""
    tags = [{"Key": "team", "Value": "red"}]

    async def made(name: str, kind: str, **request: Any) -> dict[str, Any]:
        specifications = [{"ResourceType": kind, "Tags": tags}]
        answer: dict[str, Any] = await call("ec2", name, TagSpecifications=specifications, **request)
        return answer

    vpc = (await made("CreateVpc", "vpc", CidrBlock="10.0.0.0/16"))["Vpc"]["VpcId"]
    subnet = (await made("CreateSubnet", "subnet", VpcId=vpc, CidrBlock="10.0.0.0/24"))["Subnet"]["SubnetId"]
    group = await made("CreateSecurityGroup", "security-group", VpcId=vpc, GroupName="g", Description="g")
    interface = await made("CreateNetworkInterface", "network-interface", SubnetId=subnet)
    gateway = (await made("CreateInternetGateway", "internet-gateway"))["InternetGateway"][
        "InternetGatewayId"
    ]
    address = await made("AllocateAddress", "elastic-ip")
    table = (await made("CreateRouteTable", "route-table", VpcId=vpc))["RouteTable"]["RouteTableId"]
    await call("ec2", "AttachInternetGateway", InternetGatewayId=gateway, VpcId=vpc)
    interface_id = interface["NetworkInterface"]["NetworkInterfaceId"]
    await call(
        "ec2", "AssociateAddress", AllocationId=address["AllocationId"], NetworkInterfaceId=interface_id
    )
    disk = await made("CreateVolume", "volume", AvailabilityZone="us-east-1a", Size=1, VolumeType="gp3")
    image = next(iter(public_images("us-east-1")))
    machines = await made(
        "RunInstances", "instance", ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1
    )
    association = await call("ec2", "AssociateRouteTable", RouteTableId=table, SubnetId=subnet)
    instance = machines["Instances"][0]["InstanceId"]
    own = await made("CreateImage", "snapshot", InstanceId=instance, Name="own")
    [snapshot] = (await call("ec2", "DescribeSnapshots")).result["Snapshots"]
    launch = {"ImageId": image, "InstanceType": "t3.micro"}
    spot = await made("RequestSpotInstances", "spot-instances-request", LaunchSpecification=launch)
    await made("CreateKeyPair", "key-pair", KeyName="x", KeyType="ed25519")
    _TEXTS.update(
        VpcId=vpc,
        SubnetId=subnet,
        GroupId=group["GroupId"],
        Groups=group["GroupId"],
        PublicIp=address["PublicIp"],
        NetworkInterfaceId=interface_id,
        InternetGatewayId=gateway,
        AllocationId=address["AllocationId"],
        RouteTableId=table,
        AssociationId=association["AssociationId"],
        Resources=vpc,
        ImageId=own["ImageId"],
        SourceImageId=own["ImageId"],
        SnapshotId=snapshot["SnapshotId"],
        SourceSnapshotId=snapshot["SnapshotId"],
        SourceRegion="us-east-1",
        SpotInstanceRequestIds=spot["SpotInstanceRequests"][0]["SpotInstanceRequestId"],
        InstanceIds=instance,
        InstanceId=instance,
        AttachmentId=machines["Instances"][0]["NetworkInterfaces"][0]["Attachment"]["AttachmentId"],
        VolumeId=disk["VolumeId"],
    )


def context_of(service: str, name: str) -> RequestContext:
    clock = ManualClock()
    scope = Scope(ACCOUNT, "us-east-1")
    return RequestContext("r", service, name, scope, root_principal(ACCOUNT), clock.now())


def supplied(platform: Platform) -> tuple[Mapping[str, set[str]], set[str]]:
    """Return action -> kinds of its keys over all operations, and the operations that could not be asked."""
    session = botocore.session.get_session()
    services = platform.services()
    tagged = platform._rooms.iam.authorizer.resource_tags
    found: dict[str, set[str]] = defaultdict(set)
    silent = set()
    for service in services:
        model = session.get_service_model(service.name)
        for bound in service.operations():
            # Without a rule of its own an operation asks for nothing but itself.
            request = request_of(model.operation_model(bound.name)) if bound._access else {}
            current = {
                key: value for key, value in request.items() if key != "VersionId" or service.name != "s3"
            }
            context = context_of(service.name, bound.name)
            try:
                accesses = (*bound.accesses(context, request), *bound.accesses(context, current))
            except ServiceError:
                silent.add(f"{service.name}:{bound.name}")
                continue
            for access in accesses:
                found[access.action].update(map(kind_of, conditions_of(access)))
                segment = access.resource.split(":", 3)[2] if access.resource.count(":") > 2 else ""
                if segment in tagged:
                    found[access.action].update(
                        f"{name}/".lower() for name in resource_tag_keys(access.action, segment)
                    )
    return found, silent


# Operations whose rule looks for something that the sample cannot name.
SILENT = {"kms:RetireGrant"}
# Keys that the reference has and no request here can carry: the reason is the value.
_FIDO = "hardware keys are not built"
_REGISTRY = "the model registry is not built"
NOT_SUPPLIED = {
    "iam:associatedresourcearn": "services pass roles before the resource has its ARN",
    "iam:fido-certification": _FIDO,
    "iam:fido-fips-140-2-certification": _FIDO,
    "iam:fido-fips-140-3-certification": _FIDO,
    "iam:registersecuritykey": _FIDO,
    "iam:servicespecificcredentialagedays": "API keys of Bedrock are not built",
    "lambda:codesigningconfigarn": "code signing is not built",
    "lambda:eventsourcetoken": "Alexa is not built",
    "lambda:functionurlauthtype": "function URLs are not built",
    "lambda:invokedviafunctionurl": "function URLs are not built",
    "lambda:vpcids": "there are no networks whose id a subnet could tell",
    "apigateway:request/": "API Gateway's keys of settings are not built",
    "apigateway:resource/": "API Gateway's keys of settings are not built",
    "cloudformation:importresourcetypes": "imports of resources are not built",
    "s3:x-amz-bucket-namespace": "buckets have no namespaces of accounts",
    "sagemaker:directgatedmodelaccess": "gated models are not built",
    "sagemaker:currentcustomermetadataproperties/": _REGISTRY,
    "sagemaker:currentmodellifecyclestage": _REGISTRY,
    "sagemaker:currentmodellifecyclestagestatus": _REGISTRY,
}


# What the sample leaves out of KMS's keys: it names keys by their ids, and no service comes between.
_KMS = {"kms:requestalias", "kms:viaservice"}
TOLERATED = {
    ("apigateway:DELETE", "aws:requesttag/"): "no DELETE gives tags",
    ("apigateway:PATCH", "aws:requesttag/"): "no PATCH gives tags",
    ("apigateway:PATCH", "aws:tagkeys"): "no PATCH gives tags",
    ("logs:GetLogRecord", "aws:resourcetag/"): "a record's pointer may be of any group",
    ("logs:GetQueryResults", "aws:resourcetag/"): "a query's groups are asked for when it starts",
    ("ecr:ListTagsForResource", "aws:requesttag/"): "it gives none",
    ("ecr:ListTagsForResource", "aws:tagkeys"): "it takes none",
    (
        "cloudformation:CreateChangeSet",
        "cloudformation:stackpolicyurl",
    ): "no request for it has such a member",
    ("kms:CreateKey", "aws:resourcetag/"): "no key has tags before it is there",
    ("s3:PutObject", "s3:x-amz-grant-write"): "no request for it has such a member",
    ("s3:PutObjectVersionAcl", "s3:x-amz-storage-class"): "PutObjectAcl has no such member",
    ("iam:ChangePassword", "aws:resourcetag/"): "root has no tags",
    ("iam:ChangePassword", "iam:resourcetag/"): "root has no tags",
    ("iam:GetServiceLinkedRoleDeletionStatus", "aws:resourcetag/"): "the role is gone",
    ("iam:GetServiceLinkedRoleDeletionStatus", "iam:resourcetag/"): "the role is gone",
    ("lambda:RemovePermission", "lambda:principal"): "the request names the statement only",
}


# A bucket's tags take part only where ABAC is turned on for it, which is not built.
_ABAC = ("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys")


# Of EC2's actions: keys of machines that say nothing here, of snapshots, which are not built, and of the
# other kinds that can be tagged.
_MACHINES = (
    *("ec2:ebsoptimized", "ec2:rootdevicetype", "ec2:tenancy", "ec2:availabilityzoneid", "ec2:image"),
    *("ec2:instance", "ec2:metadatahttp", "ec2:parent", "ec2:snapshot"),
)


def is_tolerated_of_ec2(action: str, key: str) -> bool:
    if action == "ec2:CreateTags":
        return True  # it is on one kind of resource at a time, and these are the keys of all
    if action.startswith("ec2:Create") and key == f"ec2:{action.removeprefix('ec2:Create').lower()}id":
        return True  # nothing has an id before it is made
    if key == "ec2:internetgatewayid":
        return True  # gateways have no route tables here
    if "Snapshot" in action and key == "ec2:availabilityzone":
        return True  # snapshots in local zones are not built
    if action == "ec2:ModifyInstanceAttribute" and key.startswith(("ec2:volume", "ec2:encrypted")):
        return True  # disks are changed by ModifyVolume
    if action == "ec2:RunInstances" and key == "ec2:volumeid":
        return True  # it makes its disks
    return key.startswith(_MACHINES)


def always_tolerated(action: str, key: str) -> bool:
    service = action.partition(":")[0]
    if service == "ec2":
        return is_tolerated_of_ec2(action, key)
    if service == "s3" and key in _ABAC:
        return True
    if action == "cloudwatch:PutDashboard" and key in ("aws:requesttag/", "aws:tagkeys"):
        return True  # its Tags are younger than the reference
    if action.startswith("lambda:") and action.endswith("EventSourceMapping"):
        return True  # what is said of mappings is that there are none
    if service == "sts" and key.startswith(("sts:", "aws:requesttag/", "aws:tagkeys")):
        return True  # the actions of one call share their context: see `action_keys`
    if "CodeSigningConfig" in action and key == "aws:resourcetag/":
        return True  # these have no tags here
    return service == "kms" and key in _KMS


def test_every_action_has_the_keys_of_the_reference(platform: Platform) -> None:
    reference, wrong = action_keys(), {}
    found, silent = supplied(platform)
    excused: set[str | tuple[str, str]] = set()
    for action, keys in sorted(found.items()):
        if action not in reference:
            wrong[action] = "the reference has no such action"
            continue
        apart = {key for key in reference[action] ^ keys if not always_tolerated(action, key)}
        missing, too_many = apart - keys, apart & keys
        excused |= {key for key in missing if key in NOT_SUPPLIED}
        excused |= {(action, key) for key in missing if (action, key) in TOLERATED}
        missing = {key for key in missing - NOT_SUPPLIED.keys() if (action, key) not in TOLERATED}
        if missing or too_many:
            wrong[action] = f"missing {sorted(missing)}, too many {sorted(too_many)}"
    assert not wrong, "\n".join(f"{k}: {v}" for k, v in wrong.items())
    # What was built since, or looks for nothing any more, needs no excuse.
    assert excused == NOT_SUPPLIED.keys() | TOLERATED.keys()
    assert silent == SILENT
