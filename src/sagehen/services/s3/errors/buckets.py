"""Errors about buckets and what is configured on them."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class NoSuchBucket(ServiceError):
    """Said to callers without rights too: names are no secret."""

    status = 404

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket does not exist", BucketName=bucket)


class BucketAlreadyExists(ServiceError):
    """Another account has the name, whatever the region."""

    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "The requested bucket name is not available. The bucket namespace is shared by all users of the "
            "system. Please select a different name and try again.",
            BucketName=bucket,
        )


class BucketAlreadyOwnedByYou(ServiceError):
    """The caller's account has it; us-east-1 alone answers 200 instead (documented: CreateBucket)."""

    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Your previous request to create the named bucket succeeded and you already own it.",
            BucketName=bucket,
        )


class BucketNotEmpty(ServiceError):
    """It has objects, versions or delete markers; the second sentence comes where versions may be hidden."""

    status = 409

    def __init__(self, bucket: str, versioned: bool) -> None:
        message = "The bucket you tried to delete is not empty"
        if versioned:
            message += ". You must delete all versions in the bucket."
        super().__init__(message, BucketName=bucket)


class InvalidBucketName(ServiceError):
    """The name breaks the rules of general purpose buckets (`buckets.names`)."""

    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket is not valid.", BucketName=bucket)


class IllegalLocationConstraintException(ServiceError):
    """The constraint is another region than the endpoint's."""

    status = 400


class InvalidLocationConstraint(ServiceError):
    """The constraint is no region, or us-east-1, which is asked for by saying nothing."""

    status = 400


class InvalidBucketOwnerAWSAccountID(ServiceError):
    """x-amz-expected-bucket-owner is no account id."""

    status = 400

    def __init__(self, value: str) -> None:
        super().__init__(
            f"The value of the expected bucket owner parameter must be an AWS Account ID... [{value}]"
        )


class MalformedPolicy(ServiceError):
    """What is put is no bucket policy; the message is the grammar's (`policies.grammar`)."""

    status = 400
