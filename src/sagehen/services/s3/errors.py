"""S3's error codes, with AWS's wording.

ServiceError
├── about buckets    NoSuchBucket, BucketAlreadyExists, InvalidBucketName, NoSuch…Configuration
├── about objects    NoSuchKey, NoSuchVersion, InvalidRange, PreconditionFailed, MethodNotAllowed
├── about bytes      BadDigest, InvalidDigest, EntityTooLarge, IncompleteBody
└── about uploads    NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall
"""

from __future__ import annotations

from typing import Any

from sagehen.api.errors import ServiceError


class NoSuchBucket(ServiceError):
    status = 404

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket does not exist", BucketName=bucket)


class NoSuchKey(ServiceError):
    status = 404

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", Key=key)


class NoSuchVersion(ServiceError):
    status = 404

    def __init__(self, key: str, version_id: str) -> None:
        super().__init__("The specified version does not exist.", Key=key, VersionId=version_id)


class OperationAborted(ServiceError):
    """An object was replaced between the reading of its record and of its bytes; the SDKs try again."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "A conflicting conditional operation is currently in progress against this resource. "
            "Please try again."
        )


class NoSuchUpload(ServiceError):
    status = 404

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The specified upload does not exist. The upload ID may be invalid, "
            "or the upload may have been aborted or completed.",
            UploadId=upload_id,
        )


class AccessDenied(ServiceError):
    status = 403

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__(message)


class BucketAlreadyExists(ServiceError):
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "The requested bucket name is not available. The bucket namespace is shared by all users of the "
            "system. Please select a different name and try again.",
            BucketName=bucket,
        )


class BucketAlreadyOwnedByYou(ServiceError):
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Your previous request to create the named bucket succeeded and you already own it.",
            BucketName=bucket,
        )


class BucketNotEmpty(ServiceError):
    status = 409

    def __init__(self, bucket: str, versioned: bool) -> None:
        message = "The bucket you tried to delete is not empty"
        if versioned:
            message += ". You must delete all versions in the bucket."
        super().__init__(message, BucketName=bucket)


class InvalidBucketName(ServiceError):
    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket is not valid.", BucketName=bucket)


class IllegalLocationConstraintException(ServiceError):
    status = 400


class InvalidLocationConstraint(ServiceError):
    status = 400


class InvalidBucketOwnerAWSAccountID(ServiceError):
    status = 400

    def __init__(self, value: str) -> None:
        super().__init__(
            f"The value of the expected bucket owner parameter must be an AWS Account ID... [{value}]"
        )


class InvalidArgument(ServiceError):
    """An argument that S3 does not take. A `value` of None: S3 names the argument alone (recorded)."""

    status = 400

    def __init__(self, message: str, name: str, value: Any) -> None:
        super().__init__(message, ArgumentName=name, ArgumentValue=None if value is None else str(value))


class InvalidRequest(ServiceError):
    status = 400


class MalformedXML(ServiceError):
    status = 400

    def __init__(self) -> None:
        super().__init__(
            "The XML you provided was not well-formed or did not validate against our published schema"
        )


class MalformedPolicy(ServiceError):
    status = 400


class KeyTooLongError(ServiceError):
    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__("Your key is too long", Size=str(size), MaxSizeAllowed=str(limit))


class MetadataTooLarge(ServiceError):
    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            "Your metadata headers exceed the maximum allowed metadata size",
            Size=str(size),
            MaxSizeAllowed=str(limit),
        )


class InvalidStorageClass(ServiceError):
    status = 400

    def __init__(self, value: str) -> None:
        super().__init__("The storage class you specified is not valid", StorageClassRequested=value)


class InvalidTag(ServiceError):
    status = 400


class BadRequest(ServiceError):
    status = 400


class BadDigest(ServiceError):
    status = 400


class InvalidDigest(ServiceError):
    status = 400

    def __init__(self, value: str) -> None:
        super().__init__("The Content-MD5 you specified was invalid.", **{"Content-MD5": value})


class IncompleteBody(ServiceError):
    status = 400

    def __init__(self, expected: int, received: int) -> None:
        super().__init__(
            "The request body terminated unexpectedly",
            NumberBytesExpected=str(expected),
            NumberBytesReceived=str(received),
        )


class EntityTooLarge(ServiceError):
    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize=str(size),
            MaxSizeAllowed=str(limit),
        )


class EntityTooSmall(ServiceError):
    status = 400

    def __init__(self, number: int, etag: str, size: int, minimum: int) -> None:
        super().__init__(
            "Your proposed upload is smaller than the minimum allowed size",
            ETag=etag.strip('"'),
            MinSizeAllowed=str(minimum),
            PartNumber=str(number),
            ProposedSize=str(size),
        )


class InvalidPart(ServiceError):
    status = 400

    def __init__(self, upload_id: str, number: int, etag: str) -> None:
        super().__init__(
            "One or more of the specified parts could not be found.  The part may not have been uploaded, "
            "or the specified entity tag may not match the part's entity tag.",
            UploadId=upload_id,
            PartNumber=str(number),
            ETag=etag,
        )


class InvalidPartOrder(ServiceError):
    status = 400

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The list of parts was not in ascending order. "
            "The parts list must be specified in order by part number.",
            UploadId=upload_id,
        )


class InvalidPartNumber(ServiceError):
    status = 416

    def __init__(self, requested: int, count: int) -> None:
        super().__init__(
            "The requested partnumber is not satisfiable",
            ActualPartCount=str(count),
            PartNumberRequested=str(requested),
        )


class InvalidRange(ServiceError):
    status = 416

    def __init__(self, requested: str, size: int) -> None:
        super().__init__(
            "The requested range is not satisfiable", ActualObjectSize=str(size), RangeRequested=requested
        )


class ConditionalRequestConflict(ServiceError):
    """The key changed while the upload that a condition belongs to was in progress."""

    status = 409

    def __init__(self, condition: str, key: str) -> None:
        super().__init__(
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
            Condition=condition,
            Key=key,
        )


class PreconditionFailed(ServiceError):
    status = 412

    def __init__(self, condition: str) -> None:
        super().__init__("At least one of the pre-conditions you specified did not hold", Condition=condition)


class MethodNotAllowed(ServiceError):
    status = 405

    def __init__(self, method: str, resource_type: str) -> None:
        super().__init__(
            "The specified method is not allowed against this resource.",
            Method=method,
            ResourceType=resource_type,
        )


class InvalidTargetBucketForLogging(ServiceError):
    status = 400

    def __init__(self, message: str, bucket: str) -> None:
        super().__init__(message, TargetBucket=bucket)


class CrossLocationLoggingProhibitted(ServiceError):
    """AWS's spelling. Of a source in us-east-1 the location is not named."""

    status = 403

    def __init__(self, source: str, target: str) -> None:
        super().__init__(
            "Cross S3 location logging not allowed. ",
            SourceBucketLocation=None if source == "us-east-1" else source,
            TargetBucketLocation=target,
        )


class MalformedACLError(ServiceError):
    status = 400

    def __init__(self) -> None:
        super().__init__(MalformedXML().message)


class MissingSecurityHeader(ServiceError):
    status = 400

    def __init__(self, header: str) -> None:
        super().__init__("Your request was missing a required header", MissingHeaderName=header)


class UnexpectedContent(ServiceError):
    status = 400

    def __init__(self) -> None:
        super().__init__("This request does not support content")


class UnresolvableGrantByEmailAddress(ServiceError):
    status = 400

    def __init__(self, address: str) -> None:
        super().__init__(
            "The e-mail address you provided does not match any account on record.", EmailAddress=address
        )


class InvalidBucketAclWithObjectOwnership(ServiceError):
    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            BucketName=bucket,
        )


class InvalidBucketAclWithBlockPublicAccessError(ServiceError):
    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled", BucketName=bucket
        )


class AccessControlListNotSupported(ServiceError):
    status = 400

    def __init__(self) -> None:
        super().__init__("The bucket does not allow ACLs")


class _Absent(ServiceError):
    """A part of a bucket's configuration that was never put."""

    status = 404
    text = ""

    def __init__(self, bucket: str) -> None:
        super().__init__(self.text, BucketName=bucket)


class NoSuchBucketPolicy(_Absent):
    text = "The bucket policy does not exist"


class NoSuchTagSet(_Absent):
    text = "The TagSet does not exist"


class NoSuchCORSConfiguration(_Absent):
    text = "The CORS configuration does not exist"


class NoSuchPublicAccessBlockConfiguration(_Absent):
    text = "The public access block configuration was not found"


class OwnershipControlsNotFoundError(_Absent):
    text = "The bucket ownership controls were not found"


class NoSuchLifecycleConfiguration(_Absent):
    text = "The lifecycle configuration does not exist"


class NoSuchWebsiteConfiguration(_Absent):
    text = "The specified bucket does not have a website configuration"


class ReplicationConfigurationNotFoundError(_Absent):
    text = "The replication configuration was not found"


class ObjectLockConfigurationNotFoundError(_Absent):
    text = "Object Lock configuration does not exist for this bucket"
