"""What is configured on a bucket: versioning, tags, CORS, encryption, ownership, public access.

A bucket's default encryption is done where objects come in (`encryption`); AES256 is only reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.system_tags import is_system
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.buckets.operations import OWNERSHIPS, PUBLIC_ACCESS_BLOCKED
from sagehen.services.s3.errors.acls import InvalidBucketAclWithObjectOwnership
from sagehen.services.s3.errors.objects import InvalidTag
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest, MalformedXML
from sagehen.services.s3.errors.unset import (
    NoSuchCORSConfiguration,
    NoSuchPublicAccessBlockConfiguration,
    NoSuchTagSet,
    OwnershipControlsNotFoundError,
)
from sagehen.services.s3.grants.grant import private, read
from sagehen.services.s3.object_lock.errors import InvalidBucketState
from sagehen.services.s3.object_lock.headers import KIND as OBJECT_LOCK
from sagehen.services.s3.tagging.tag_sets import BUCKET_TAGS, parse_tag_set, tag_set

# Documented: Elements of a CORS configuration; OPTIONS is the preflight's own and no method of a rule.
_CORS_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
# Documented: PutBucketCors, CORSRules.
_CORS_RULES = 100
# Of every bucket since January 2023, put or not (documented: Setting default encryption behavior).
_DEFAULT_ENCRYPTION = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
}


class IllegalVersioningConfigurationException(ServiceError):
    """PutBucketVersioning without a Status."""

    status = 400


class BucketVersioning(Resource):
    """Versioning: once enabled it can only be suspended, never taken off."""

    @operation("PutBucketVersioning", access=on_bucket("PutBucketVersioning"), anonymous=True)
    async def put_bucket_versioning(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        configuration = request["VersioningConfiguration"]
        if configuration.get("MFADelete") == "Enabled":
            raise NotImplementedOperation("MFA Delete is not implemented.")
        status = configuration.get("Status")
        if status is None:
            raise IllegalVersioningConfigurationException("The Versioning element must be specified")
        if status not in ("Enabled", "Suspended"):
            raise MalformedXML()
        # Documented: Object Lock considerations, versioning cannot be suspended.
        if status == "Suspended" and self.state.buckets.has_configuration(bucket.name, OBJECT_LOCK):
            raise InvalidBucketState(
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
                "changed."
            )
        await self.state.buckets.set_versioning(bucket.name, status)

    @operation("GetBucketVersioning", access=on_bucket("GetBucketVersioning"), anonymous=True)
    async def get_bucket_versioning(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        status = self.state.bucket(request).versioning
        return {"Status": status} if status else {}


class BucketTagging(Resource):
    """Tags of a bucket; the same that S3 Control's TagResource changes (`resource_tags`)."""

    @operation("PutBucketTagging", access=on_bucket("PutBucketTagging"), anonymous=True)
    async def put_bucket_tagging(self, context: RequestContext, request: Request) -> Reply:
        bucket = self.state.bucket(request)
        given = request["Tagging"]["TagSet"]

        def replaced(tags: dict[str, str] | None) -> dict[str, str]:
            system = {key: value for key, value in (tags or {}).items() if is_system(key)}
            # Recorded, in public issues: as they are they may be in a request; without them it is refused.
            own = parse_tag_set(
                [tag for tag in given if system.get(tag["Key"]) != tag.get("Value", "")], BUCKET_TAGS
            )
            if system.keys() - {tag["Key"] for tag in given}:
                raise InvalidTag("System tags cannot be removed by requester")
            return {**system, **own}

        await self.state.buckets.change_configuration(bucket.name, "tags", replaced)
        return Reply(status=204)

    @operation("GetBucketTagging", access=on_bucket("GetBucketTagging"), anonymous=True)
    async def get_bucket_tagging(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        tags = self.state.buckets.configuration(bucket.name, "tags")
        if not tags:
            raise NoSuchTagSet(bucket.name)
        return {"TagSet": tag_set(tags)}

    @operation("DeleteBucketTagging", access=on_bucket("PutBucketTagging"), anonymous=True)
    async def delete_bucket_tagging(self, context: RequestContext, request: Request) -> Reply:
        def left(tags: dict[str, str] | None) -> dict[str, str] | None:
            return {key: value for key, value in (tags or {}).items() if is_system(key)} or None

        await self.state.buckets.change_configuration(self.state.bucket(request).name, "tags", left)
        return Reply(status=204)


class BucketCors(Resource):
    """The rules; the front door answers preflights and adds the headers."""

    @operation("PutBucketCors", access=on_bucket("PutBucketCORS"), anonymous=True)
    async def put_bucket_cors(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        rules = request["CORSConfiguration"].get("CORSRules") or []
        if not 1 <= len(rules) <= _CORS_RULES:
            raise MalformedXML()
        for rule in rules:
            _check_cors_rule(rule)
        await self.state.buckets.put_configuration(bucket.name, "cors", rules)

    @operation("GetBucketCors", access=on_bucket("GetBucketCORS"), anonymous=True)
    async def get_bucket_cors(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        return {"CORSRules": self.state.buckets.required(bucket.name, "cors", NoSuchCORSConfiguration)}

    @operation("DeleteBucketCors", access=on_bucket("PutBucketCORS"), anonymous=True)
    async def delete_bucket_cors(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, "cors")
        return Reply(status=204)


def _check_cors_rule(rule: Mapping[str, Any]) -> None:
    if not rule.get("AllowedMethods") or not rule.get("AllowedOrigins"):
        raise MalformedXML()
    for method in rule["AllowedMethods"]:
        if method not in _CORS_METHODS:
            raise InvalidRequest(
                f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )
    for member in ("AllowedOrigins", "AllowedHeaders"):
        for value in rule.get(member) or []:
            if value.count("*") > 1:
                raise InvalidRequest(
                    f'{member.removesuffix("s")} "{value}" can not have more than one wildcard.'
                )


class BucketEncryption(Resource):
    """The default encryption: what uploads get that ask for none. Reads of old objects never change."""

    @operation("PutBucketEncryption", access=on_bucket("PutEncryptionConfiguration"), anonymous=True)
    async def put_bucket_encryption(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        rules = request["ServerSideEncryptionConfiguration"].get("Rules") or []
        default = rules[0].get("ApplyServerSideEncryptionByDefault") if len(rules) == 1 else None
        # One rule exactly; more are no configuration (from memory).
        if not default or default.get("SSEAlgorithm") not in ("AES256", "aws:kms", "aws:kms:dsse"):
            raise MalformedXML()
        if default.get("KMSMasterKeyID") and default["SSEAlgorithm"] == "AES256":
            raise InvalidArgument(
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                "aws:kms:dsse",
                "ApplyServerSideEncryptionByDefault",
                None,
            )
        rule = dict(rules[0])
        rule.setdefault("BucketKeyEnabled", False)
        await self.state.buckets.put_configuration(bucket.name, "encryption", {"Rules": [rule]})

    @operation("GetBucketEncryption", access=on_bucket("GetEncryptionConfiguration"), anonymous=True)
    async def get_bucket_encryption(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        stored = self.state.buckets.configuration(bucket.name, "encryption")
        return {"ServerSideEncryptionConfiguration": stored or _DEFAULT_ENCRYPTION}

    @operation("DeleteBucketEncryption", access=on_bucket("PutEncryptionConfiguration"), anonymous=True)
    async def delete_bucket_encryption(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, "encryption")
        return Reply(status=204)


class PublicAccessBlocks(Resource):
    """The bucket's four switches; an account's own (S3 Control) are not built."""

    @operation("PutPublicAccessBlock", access=on_bucket("PutBucketPublicAccessBlock"), anonymous=True)
    async def put_public_access_block(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        wanted = request["PublicAccessBlockConfiguration"]
        settings = {name: bool(wanted.get(name)) for name in PUBLIC_ACCESS_BLOCKED}
        await self.state.buckets.put_configuration(bucket.name, "public_access_block", settings)

    @operation("GetPublicAccessBlock", access=on_bucket("GetBucketPublicAccessBlock"), anonymous=True)
    async def get_public_access_block(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        settings = self.state.buckets.required(
            bucket.name, "public_access_block", NoSuchPublicAccessBlockConfiguration
        )
        return {"PublicAccessBlockConfiguration": settings}

    @operation("DeletePublicAccessBlock", access=on_bucket("PutBucketPublicAccessBlock"), anonymous=True)
    async def delete_public_access_block(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, "public_access_block")
        return Reply(status=204)


class BucketOwnership(Resource):
    """Who owns uploaded objects, and thereby whether ACLs count at all."""

    @operation("PutBucketOwnershipControls", access=on_bucket("PutBucketOwnershipControls"), anonymous=True)
    async def put_bucket_ownership_controls(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        rules = request["OwnershipControls"].get("Rules") or []
        if len(rules) != 1 or rules[0].get("ObjectOwnership") not in OWNERSHIPS:
            raise MalformedXML()
        acl = self.state.buckets.configuration(bucket.name, "acl")
        # Documented: Prerequisites for disabling ACLs: what they grant has to go first.
        granting = acl is not None and read(acl) != private(bucket.account_id)
        if granting and rules[0]["ObjectOwnership"] == "BucketOwnerEnforced":
            raise InvalidBucketAclWithObjectOwnership(bucket.name)
        await self.state.buckets.put_configuration(bucket.name, "ownership", {"Rules": rules})

    @operation("GetBucketOwnershipControls", access=on_bucket("GetBucketOwnershipControls"), anonymous=True)
    async def get_bucket_ownership_controls(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        controls = self.state.buckets.required(bucket.name, "ownership", OwnershipControlsNotFoundError)
        return {"OwnershipControls": controls}

    @operation(
        "DeleteBucketOwnershipControls", access=on_bucket("PutBucketOwnershipControls"), anonymous=True
    )
    async def delete_bucket_ownership_controls(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, "ownership")
        return Reply(status=204)
