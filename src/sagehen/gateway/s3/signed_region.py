"""Whether a request to S3 was signed for the region in which the bucket lives, and for S3.

AWS has an endpoint for each region; this platform has one for all, which for a bucket stands for the
endpoint of its region, as `bucket.s3.amazonaws.com` does where the DNS leads to the bucket's region. A host
name that tells another region is that region's endpoint, and sends its callers elsewhere.

Texts as public recordings and SDKs' redirectors have them; botocore signs anew by `Region`, or by the header
x-amz-bucket-region, which alone is left of an error that answers a HEAD.
"""

from __future__ import annotations

from sagehen.api.errors import NotImplementedOperation
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.claim import Claim
from sagehen.protocol.identification.host_names import aws_s3_host

GLOBAL_REGION = "us-east-1"
# CreateBucket is asked of the region that will have the bucket, or of the global one. The global endpoint
# knows where every bucket lives.
_OF_ANY_REGION = frozenset(("CreateBucket",))
# What signs for something else, and asks in S3's words.
_KIN = {
    "s3express": "directory buckets",
    "s3-outposts": "S3 on Outposts",
    "s3-object-lambda": "S3 Object Lambda",
}
_OF_THE_GLOBAL_REGION = frozenset(("GetBucketLocation",))


def check_region(claim: Claim, operation: str, host: str, bucket: str, region: str | None) -> None:
    """Refuse a signature for another region than the bucket's.

    Args:
        claim: Of a well-formed signature.
        operation: S3's.
        host: The host name that the client called.
        bucket: '' for the service itself.
        region: The bucket's; None where there is no such bucket.

    Raises:
        Refusal: AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidArgument (in a
            form), or PermanentRedirect.
    """
    if not region or not claim.region or claim.region == region or operation in _OF_ANY_REGION:
        return
    if operation in _OF_THE_GLOBAL_REGION and claim.region == GLOBAL_REGION:
        return
    named = aws_s3_host(host)
    if named is not None and named.region == claim.region:
        refusal = Refusal(
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. "
            "Please send all future requests to this endpoint.",
            301,
            Endpoint=f"{bucket}.s3.{region}.amazonaws.com",
            Bucket=bucket,
        )
    else:
        refusal = _malformed(
            claim, f"the region '{claim.region}' is wrong; expecting '{region}'", Region=region
        )
    refusal.headers = {"x-amz-bucket-region": region}
    raise refusal


def check_service(claim: Claim) -> None:
    """Refuse a signature for another service than S3.

    Raises:
        Refusal: AuthorizationHeaderMalformed or AuthorizationQueryParametersError.
        NotImplementedOperation: S3 itself is there, but not what else signs for it.
    """
    if kin := _KIN.get(claim.service):
        raise NotImplementedOperation(f"Sagehen does not implement {kin}.")
    if claim.service and claim.service != "s3":
        raise _malformed(claim, f'incorrect service "{claim.service}". This endpoint belongs to "s3".')


def _malformed(claim: Claim, what: str, **members: str) -> Refusal:
    if claim.kind == "form":
        credential = f"{claim.access_key_id}/{claim.scope}"
        named = {"ArgumentName": "X-Amz-Credential", "ArgumentValue": credential}
        return Refusal("InvalidArgument", what, 400, **named, **members)
    if claim.kind == "query":
        code, subject = "AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter"
    else:
        code, subject = "AuthorizationHeaderMalformed", "The authorization header is malformed"
    return Refusal(code, f"{subject}; {what}", 400, **members)
