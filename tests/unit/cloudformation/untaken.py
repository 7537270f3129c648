"""What AWS's types have and our tables do not take, each with the reason why."""

from __future__ import annotations

_NO_OPERATION = "The operation that sets it answers 501."
_NO_IPV6 = "ModifySubnetAttribute takes it for no subnet here: there is no IPv6."
_PREFIX_LISTS = "There are no managed prefix lists."
_NO_SCALING_BY_INSTANCES = "Functions on managed instances are not there."

# Type -> property -> why.
PROPERTIES: dict[str, dict[str, str]] = {
    "AWS::ApiGateway::Deployment": {
        "DeploymentCanarySettings": "Its deletion would have to take the canary back from the stage.",
    },
    "AWS::ApiGateway::Stage": {
        "ClientCertificateId": "There are no client certificates.",
    },
    "AWS::EC2::EIP": {"TransferAddress": "There is one account to an address: nothing is transferred."},
    "AWS::EC2::Instance": {
        "ElasticGpuSpecifications": "Ended by AWS in January 2024 (documented).",
        "HostResourceGroupArn": "There are no dedicated hosts.",
        "PlacementGroupName": "There are no placement groups.",
        "PropagateTagsToVolumeOnCreation": "TagSpecifications of RunInstances are the instance's alone.",
        "SsmAssociations": _NO_OPERATION,
    },
    "AWS::EC2::NetworkInterface": {"PublicIpDnsHostnameTypeSpecification": _NO_OPERATION},
    "AWS::EC2::SecurityGroupEgress": {"DestinationPrefixListId": _PREFIX_LISTS},
    "AWS::EC2::SecurityGroupIngress": {
        "SourcePrefixListId": _PREFIX_LISTS,
        "SourceSecurityGroupOwnerId": "There are no groups of other accounts to be let in.",
    },
    "AWS::EC2::Subnet": {
        "AssignIpv6AddressOnCreation": _NO_IPV6,
        "EnableDns64": _NO_IPV6,
        "EnableLniAtDeviceIndex": "There are no Outposts.",
    },
    "AWS::EC2::VPCGatewayAttachment": {"VpnGatewayId": "There are no VPN gateways."},
    "AWS::EC2::Volume": {"AutoEnableIO": _NO_OPERATION, "SourceVolumeId": _NO_OPERATION},
    "AWS::EC2::VolumeAttachment": {"EbsCardIndex": "Instances here have one card."},
    "AWS::IAM::SAMLProvider": {
        "PrivateKeyList": "What is told of it, which no operation takes.",
        "RemovePrivateKey": "Assertions are not encrypted: there are no keys.",
    },
    "AWS::Lambda::Function": {
        "FunctionScalingConfig": _NO_SCALING_BY_INSTANCES,
        "PublishToLatestPublished": _NO_SCALING_BY_INSTANCES,
        "RuntimeManagementConfig": _NO_OPERATION,
    },
    "AWS::Lambda::Version": {
        "FunctionScalingConfig": _NO_SCALING_BY_INSTANCES,
        "RuntimePolicy": _NO_OPERATION,
    },
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": _NO_OPERATION,
        "DataProtectionPolicy": _NO_OPERATION,
        "FieldIndexPolicies": _NO_OPERATION,
        "ResourcePolicyDocument": _NO_OPERATION,
    },
    "AWS::S3::Bucket": {
        **dict.fromkeys(
            (
                *("AbacStatus", "AccelerateConfiguration", "AnalyticsConfigurations"),
                *("IntelligentTieringConfigurations", "InventoryConfigurations", "MetadataConfiguration"),
                *("MetadataTableConfiguration", "MetricsConfigurations", "ReplicationConfiguration"),
            ),
            _NO_OPERATION,
        ),
        "BucketNamePrefix": "Of buckets in an account's own namespace, which are not there.",
        "BucketNamespace": "See BucketNamePrefix.",
    },
    "AWS::SageMaker::InferenceComponent": {"EndpointArn": "Named by EndpointName, which a creation wants."},
    "AWS::SageMaker::ModelPackage": {
        "AdditionalInferenceSpecificationsToAdd": "Of updates, beside AdditionalInferenceSpecifications.",
        "ModelPackageStatusDetails": "What is told of it, which no operation takes.",
        "ModelPackageVersion": "What is told of it, which no operation takes.",
    },
}

# Properties that tables know beside AWS's: type -> property -> why.
BESIDE: dict[str, dict[str, str]] = {
    "AWS::ApiGateway::Method": {"IntegrationResponses": "Of Integration, whose own call leaves them out."},
    "AWS::CDK::Metadata": {"PhysicalResourceId": "The name that it is given."},
    "AWS::Lambda::LayerVersionPermission": {"StatementId": "The name that it is given."},
    "AWS::Lambda::Permission": {"StatementId": "The name that it is given."},
}

# Types that the operations here could make, and no table does: type -> why.
TYPES: dict[str, str] = {
    "AWS::EC2::GatewayRouteTableAssociation": "AssociateRouteTable refuses gateways.",
    "AWS::EC2::IpPoolRouteTableAssociation": "AssociateRouteTable refuses pools of addresses.",
    "AWS::EC2::NetworkInterfaceAttachment": "Only to machines that are stopped: a template's run.",
    "AWS::IAM::VirtualMFADevice": "Its seed, which only the creation answers, would stay in the stack.",
    "AWS::SageMaker::ProcessingJob": "It ends: what a template makes is to last.",
}
