"""Members that are accepted and never read, each with the reason why that is right."""

from __future__ import annotations

_NOTHING_LISTED = "Nothing of the kind can exist here, so that there is nothing to choose from."
_ONE_AT_MOST = "There is one at most: the first page holds it."
_NO_WARNINGS = "Read only where there are warnings to fail on."
_CHECKED_AT_THE_DOOR = "gateway/requests/integrity.py compares the body with it."
_NO_REQUESTER_PAYS = "Nobody but the owner pays: S3 ignores the confirmation for such buckets."
_ENCRYPTION = "Parts are listed without being opened."
_NO_MFA_DELETE = "Versions need a device only where MFADelete is on, which PutBucketVersioning refuses."
_COPIED = "Under the directive COPY, the default, S3 leaves aside what the request says."
_BUCKET_KEYS = "Bucket keys are KMS's: with AES256 S3 shows none (recorded)."
_TESTED_IN_TURN = "Read of types that satisfy the requirements before it."
_ENDED_ANYWAY = "What does not end in time is killed whether or not it is forced."
_NO_ARCHIVE = "There are no archived objects, whose restoring it would show."

# By service: "Operation path.of.the.member" -> why.
DROPPED: dict[str, dict[str, str]] = {
    "apigateway": {
        "CreateDeployment cacheClusterSize": "Without stageName there is no stage to have a cache.",
        "CreateDeployment stageDescription": "Without stageName there is no stage to describe.",
        "GetDocumentationParts nameQuery": "Read where there are parts.",
        "GetDocumentationParts path": "Read where there are parts.",
        "GetTags limit": "Documented by AWS as not supported.",
        "GetTags position": "Documented by AWS as not supported.",
        "ImportDocumentationParts failOnWarnings": "There is nothing that it warns of.",
        "PutRestApi failOnWarnings": _NO_WARNINGS,
    },
    "application-autoscaling": {
        "RegisterScalableTarget RoleARN": "Documented: where there is a service-linked role, that is used.",
    },
    "cloudformation": {
        f"{operation} Parameters.[].ResolvedValue": "Documented: read-only."
        for operation in ("CreateChangeSet", "CreateStack")
    },
    "cloudwatch": {
        "ListMetrics Dimensions.[].Value": "Read where there are metrics with that dimension.",
    },
    "ec2": {
        "CopySnapshot PresignedUrl": "Deprecated: made by clients, and needed by nobody here.",
        "GetConsoleOutput Latest": "What is answered is always the latest.",
        "StopInstances Force": _ENDED_ANYWAY,
        "TerminateInstances Force": _ENDED_ANYWAY,
        "TerminateInstances SkipOsShutdown": "Read of those that run.",
        "DescribeAddressesAttribute Attribute": "There is one attribute.",
        "DescribeAvailabilityZones AllAvailabilityZones": "There are none that an account has not.",
        "DescribeImages IncludeDeprecated": "None is deprecated.",
        "DescribeImages IncludeDisabled": "None is disabled.",
        "DescribeSpotPriceHistory StartTime": "The price in force is shown whatever the begin is, as at AWS.",
        "GetInstanceTypesFromInstanceRequirements Context": "Documented: reserved.",
        **{
            f"{operation} IncludeManagedResources": "No other service of AWS's makes any here."
            for operation in (
                *("DescribeInstanceStatus", "DescribeInstances", "DescribeNetworkInterfaces"),
                "DescribeVolumes",
            )
        },
        **{
            f"GetInstanceTypesFromInstanceRequirements InstanceRequirements.{member}": _TESTED_IN_TURN
            for member in (
                *("AcceleratorCount", "AcceleratorCount.Max", "AcceleratorManufacturers", "AcceleratorNames"),
                *("AcceleratorTotalMemoryMiB", "AcceleratorTotalMemoryMiB.Max", "AcceleratorTypes"),
                *("BareMetal", "BurstablePerformance", "CpuManufacturers", "ExcludedInstanceTypes"),
                *("InstanceGenerations", "LocalStorage", "MemoryGiBPerVCpu", "MemoryGiBPerVCpu.Max"),
                *("RequireEncryptionInTransit", "RequireHibernateSupport"),
            )
        },
    },
    "iam": {
        "ListAccountAliases Marker": _ONE_AT_MOST,
        "ListAccountAliases MaxItems": _ONE_AT_MOST,
        "ListServerCertificates PathPrefix": _NOTHING_LISTED,
    },
    "kms": {
        "ListKeyPolicies Limit": _ONE_AT_MOST,
        "ListKeyPolicies Marker": _ONE_AT_MOST,
    },
    "lambda": {
        "ListCodeSigningConfigs Marker": _NOTHING_LISTED,
        "ListCodeSigningConfigs MaxItems": _NOTHING_LISTED,
        "ListEventSourceMappings EventSourceArn": _NOTHING_LISTED,
        "ListEventSourceMappings FunctionName": _NOTHING_LISTED,
        "ListEventSourceMappings Marker": _NOTHING_LISTED,
        "ListEventSourceMappings MaxItems": _NOTHING_LISTED,
    },
    "logs": {
        "FilterLogEvents interleaved": "Deprecated: AWS ignores it.",
        "FilterLogEvents unmask": "Nothing is masked: data protection policies are not implemented.",
        "GetLogEvents unmask": "Nothing is masked: data protection policies are not implemented.",
        "GetLogRecord unmask": "Nothing is masked: data protection policies are not implemented.",
        "PutLogEvents sequenceToken": "AWS has ignored it since January 2023.",
    },
    "s3": {
        **{
            f"{operation} ChecksumAlgorithm": _CHECKED_AT_THE_DOOR
            for operation in (
                "DeleteObjects",
                "PutBucketAcl",
                "PutBucketCors",
                "PutBucketEncryption",
                "PutBucketLifecycleConfiguration",
                "PutBucketLogging",
                "PutBucketOwnershipControls",
                "PutBucketPolicy",
                "PutBucketTagging",
                "PutBucketVersioning",
                "PutBucketWebsite",
                "PutObjectAcl",
                "PutObjectLegalHold",
                "PutObjectLockConfiguration",
                "PutObjectRetention",
                "PutObjectTagging",
                "PutPublicAccessBlock",
            )
        },
        **{
            f"{operation} RequestPayer": _NO_REQUESTER_PAYS
            for operation in (
                "CompleteMultipartUpload",
                "CopyObject",
                "CreateMultipartUpload",
                "DeleteObject",
                "DeleteObjects",
                "GetBucketAccelerateConfiguration",
                "GetObject",
                "GetObjectAcl",
                "GetObjectAttributes",
                "GetObjectLegalHold",
                "GetObjectRetention",
                "GetObjectTagging",
                "HeadObject",
                "ListMultipartUploads",
                "ListObjectVersions",
                "ListObjects",
                "ListObjectsV2",
                "ListParts",
                "PutObject",
                "PutObjectAcl",
                "PutObjectLegalHold",
                "PutObjectLockConfiguration",
                "PutObjectRetention",
                "PutObjectTagging",
                "UploadPart",
                "UploadPartCopy",
            )
        },
        **{
            f"ListParts {member}": _ENCRYPTION
            for member in ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
        },
        **{
            f"{operation} OptionalObjectAttributes": _NO_ARCHIVE
            for operation in ("ListObjectVersions", "ListObjects", "ListObjectsV2")
        },
        **{
            f"CopyObject {member}": _COPIED
            for member in (
                "CacheControl",
                "ContentDisposition",
                "ContentEncoding",
                "ContentLanguage",
                "ContentType",
                "Expires",
                "Metadata",
                "Tagging",
            )
        },
        **{
            f"{operation} BucketKeyEnabled": _BUCKET_KEYS
            for operation in ("CopyObject", "CreateMultipartUpload", "PutObject")
        },
        "CopyObject AnnotationDirective": "No object has annotations, which it would copy or leave.",
        "PutBucketPolicy ConfirmRemoveSelfBucketAccess": "No policy locks root out.",
        "PutBucketVersioning MFA": _NO_MFA_DELETE,
        "PutObjectLockConfiguration Token": "AWS's support gave it out until 2023 (from memory).",
        "DeleteObject MFA": _NO_MFA_DELETE,
        "DeleteObjects MFA": _NO_MFA_DELETE,
        "GetObjectAttributes MaxParts": "Read where the object has parts.",
        "GetObjectAttributes PartNumberMarker": "Read where the object has parts.",
    },
    "sagemaker": {
        "UpdateModelPackage ClientToken": "The same change twice leaves what once leaves.",
    },
    "ssm": {
        "GetParametersByPath WithDecryption": "Read where a SecureString is among them.",
        "ListCommandInvocations Details": "Read where there are invocations.",
    },
}

# By service: operations that the probes have no working request for, so that only their own tests say
# what becomes of their members. Shorter is better; nothing new belongs here.
UNPROBED: dict[str, set[str]] = {
    "apigateway": {
        "CreateAuthorizer", "CreateModel", "GetUsage", "ImportApiKeys", "ImportRestApi", "PutMethod",
        "PutMethodResponse", "TestInvokeAuthorizer", "UpdateAuthorizer", "UpdateDocumentationPart",
        "UpdateDocumentationVersion", "UpdateRequestValidator", "UpdateUsage",
    },
    "cloudwatch": {
        "GetMetricData", "GetMetricStatistics", "PutCompositeAlarm", "PutMetricAlarm", "PutMetricData",
    },
    "cloudformation": {"ContinueUpdateRollback", "ExecuteChangeSet", "RollbackStack", "UpdateStack"},
    # A version's data are read as a template's, which has a hundred members.
    "ec2": {"CreateDefaultSubnet", "CreateDefaultVpc", "CreateLaunchTemplateVersion", "RebootInstances"},
    "ec2-instance-connect": {"SendSSHPublicKey"},
    "iam": {
        "CreateAccessKey", "CreateLoginProfile", "CreateOpenIDConnectProvider", "CreateSAMLProvider",
        "CreateServiceLinkedRole", "CreateServiceSpecificCredential", "DeactivateMFADevice",
        "DeleteAccessKey", "DeleteLoginProfile", "DeleteServiceSpecificCredential", "GetLoginProfile",
        "GetMFADevice", "ListInstanceProfileTags", "ListMFADeviceTags",
        "ListOpenIDConnectProviderTags", "ListSAMLProviderTags",
        "ResetServiceSpecificCredential", "UpdateAccessKey", "UpdateLoginProfile", "UpdateSAMLProvider",
        "UpdateServiceSpecificCredential",
    },
    "kms": {"RetireGrant"},
    "lambda": {
        "AddLayerVersionPermission", "CreateEventSourceMapping", "CreateFunction", "DeleteCodeSigningConfig",
        "DeleteFunctionEventInvokeConfig", "DeleteFunctionUrlConfig", "GetCodeSigningConfig",
        "GetFunctionEventInvokeConfig",
        "GetLayerVersionByArn", "ListFunctionsByCodeSigningConfig", "PublishLayerVersion",
        "PutFunctionCodeSigningConfig", "PutFunctionEventInvokeConfig", "RemoveLayerVersionPermission",
        "RemovePermission", "UpdateAlias", "UpdateCodeSigningConfig", "UpdateEventSourceMapping",
        "UpdateFunctionCode", "UpdateFunctionEventInvokeConfig",
    },
    "logs": {"PutMetricFilter", "PutSubscriptionFilter"},
    "s3": {"DeleteBucket", "GetBucketReplication"},
    "sagemaker": {
        "CreateEndpointConfig", "CreateModel", "CreatePresignedNotebookInstanceUrl", "ListTags",
        "StopPipelineExecution", "UpdateNotebookInstance", "UpdateTrainingJob",
        "GetScalingConfigurationRecommendation", "ListInferenceRecommendationsJobSteps",
        # Of a component whose copies run; it reads its Specification as the creation does.
        "UpdateInferenceComponent",
        # There is no MLflow in the tests' environment.
        "CreateMlflowTrackingServer", "CreatePresignedMlflowTrackingServerUrl", "UpdateMlflowTrackingServer",
    },
    "sagemaker-runtime": {"InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream"},
    "ssm": {"CancelCommand", "GetCommandInvocation", "SendCommand"},
    "sts": {"AssumeRole", "AssumeRoleWithWebIdentity"},
}  # fmt: skip
