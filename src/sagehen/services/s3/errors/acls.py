"""Errors about access control lists."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.services.s3.errors.requests import MalformedXML


class MalformedACLError(ServiceError):
    """The document is no ACL: without an owner or grants, or with more than 100 of these."""

    status = 400

    def __init__(self) -> None:
        super().__init__(MalformedXML().message)


class MissingSecurityHeader(ServiceError):
    """An ACL is put, and none came in a header nor in the body."""

    status = 400

    def __init__(self, header: str) -> None:
        super().__init__("Your request was missing a required header", MissingHeaderName=header)


class UnexpectedContent(ServiceError):
    """An ACL came in headers, and a document beside them."""

    status = 400

    def __init__(self) -> None:
        super().__init__("This request does not support content")


class UnresolvableGrantByEmailAddress(ServiceError):
    """No account here has an e-mail address, so none is ever found."""

    status = 400

    def __init__(self, address: str) -> None:
        super().__init__(
            "The e-mail address you provided does not match any account on record.", EmailAddress=address
        )


class InvalidBucketAclWithObjectOwnership(ServiceError):
    """An ACL that grants, and BucketOwnerEnforced, which leaves ACLs no say."""

    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            BucketName=bucket,
        )


class InvalidBucketAclWithBlockPublicAccessError(ServiceError):
    """A new bucket blocks public ACLs, and the one it is made with is public."""

    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled", BucketName=bucket
        )


class AccessControlListNotSupported(ServiceError):
    """The bucket has ACLs disabled: its object ownership is BucketOwnerEnforced."""

    status = 400

    def __init__(self) -> None:
        super().__init__("The bucket does not allow ACLs")
