"""Members that are accepted and never read, each with the reason why that is right."""

from __future__ import annotations

_NOTHING_LISTED = "Nothing of the kind can exist here, so that there is nothing to choose from."
_ONE_AT_MOST = "There is one at most: the first page holds it."
_NO_WARNINGS = "Read only where there are warnings to fail on."
_CHECKED_AT_THE_DOOR = "gateway/integrity.py compares the body with it."
_NO_REQUESTER_PAYS = "Nobody but the owner pays: S3 ignores the confirmation for such buckets."
_ENCRYPTION = "Only objects that were stored with a customer's key need it."
_NO_MFA_DELETE = "Versions need a device only where MFADelete is on, which PutBucketVersioning refuses."
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
    "cloudwatch": {
        "ListMetrics Dimensions.[].Value": "Read where there are metrics with that dimension.",
    },
    "iam": {
        "ListAccountAliases Marker": _ONE_AT_MOST,
        "ListAccountAliases MaxItems": _ONE_AT_MOST,
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
        "ListFunctionUrlConfigs Marker": _NOTHING_LISTED,
        "ListFunctionUrlConfigs MaxItems": _NOTHING_LISTED,
        "UpdateFunctionConfiguration VpcConfig.Ipv6AllowedForDualStack": "There are no subnets (refused).",
    },
    "logs": {
        "FilterLogEvents interleaved": "Deprecated: AWS ignores it.",
        "FilterLogEvents unmask": "Nothing is masked: data protection policies are not implemented.",
        "GetLogEvents unmask": "Nothing is masked: data protection policies are not implemented.",
        "PutLogEvents sequenceToken": "AWS has ignored it since January 2023.",
    },
    "s3": {
        **{
            f"{operation} {member}": _CHECKED_AT_THE_DOOR
            for operation in (
                "DeleteObjects",
                "PutBucketAcl",
                "PutBucketCors",
                "PutBucketEncryption",
                "PutBucketLogging",
                "PutBucketNotificationConfiguration",
                "PutBucketOwnershipControls",
                "PutBucketPolicy",
                "PutBucketTagging",
                "PutBucketVersioning",
                "PutBucketWebsite",
                "PutObjectAcl",
                "PutObjectTagging",
                "PutPublicAccessBlock",
            )
            for member in ("ChecksumAlgorithm", "ContentMD5")
        },
        **{
            f"{operation} RequestPayer": _NO_REQUESTER_PAYS
            for operation in (
                "AbortMultipartUpload",
                "CompleteMultipartUpload",
                "CopyObject",
                "CreateMultipartUpload",
                "DeleteObject",
                "DeleteObjects",
                "GetBucketAccelerateConfiguration",
                "GetObject",
                "GetObjectAcl",
                "GetObjectAttributes",
                "GetObjectTagging",
                "HeadObject",
                "ListMultipartUploads",
                "ListObjectVersions",
                "ListObjects",
                "ListObjectsV2",
                "ListParts",
                "PutObject",
                "PutObjectAcl",
                "PutObjectTagging",
                "UploadPart",
                "UploadPartCopy",
            )
        },
        **{
            f"{operation} {member}": _ENCRYPTION
            for operation in ("GetObject", "GetObjectAttributes", "HeadObject", "ListParts")
            for member in ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
        },
        **{
            f"{operation} OptionalObjectAttributes": _NO_ARCHIVE
            for operation in ("ListObjectVersions", "ListObjects", "ListObjectsV2")
        },
        "DeleteObject BypassGovernanceRetention": "Read where a version is under a retention.",
        "DeleteObjects BypassGovernanceRetention": "Read where a version is under a retention.",
        "DeleteObject MFA": _NO_MFA_DELETE,
        "DeleteObjects MFA": _NO_MFA_DELETE,
        "GetObjectAttributes MaxParts": "Read where the object has parts.",
        "GetObjectAttributes PartNumberMarker": "Read where the object has parts.",
    },
}
