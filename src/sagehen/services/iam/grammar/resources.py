"""What may stand as a Resource in a policy, and IAM's words for what may not (recorded)."""

from __future__ import annotations

# From memory; IAM's sentence for others is recorded.
_PARTITIONS = frozenset(("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "*"))
# In the order of IAM's sentence.
_IAM_TYPES = (
    *("user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/"),
    *("policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/"),
)
# arn:partition:service:region:account:resource
_FIELDS = 6


def resource_fault(resource: str) -> str:
    """Return what is wrong with the beginning of an ARN, '' where nothing is."""
    # A variable may itself hold colons and stands for text that is known only later.
    if resource == "*" or resource.startswith("${"):
        return ""
    head, *fields = resource.split(":")
    if not fields:
        return f'Resource {resource} must be in ARN format or "*".'
    if fields[0] not in _PARTITIONS and not _is_open(fields[0]):
        # IAM completes what is short before it looks at it.
        whole = ":".join(["arn", *fields, *["*"] * (_FIELDS - 1 - len(fields))])
        return f'Partition "{fields[0]}" is not valid for resource "{whole}".'
    if head != "arn":
        return f'Resource {resource} must be in ARN format or "*".'
    # `arn:aws:*` is an incomplete ARN: its wildcard runs on to the end.
    if len(fields) < 2 or (any(wildcard in fields[1] for wildcard in "*?") and len(fields) > 2):
        return "Resource vendor must be fully qualified and cannot contain regexes."
    return ""


def service_fault(resource: str) -> str:
    """Return what IAM or S3 has against a whole ARN of its own, '' where nothing is.

    Wildcards and variables are taken where a text would not be: no recording shows them.
    """
    parts = resource.split(":", _FIELDS - 1)
    if len(parts) < _FIELDS:
        return ""
    _, _, service, region, account, name = parts
    regional = bool(region) and not _is_open(region)
    if service == "iam" and regional:
        return f"IAM resource {resource} cannot contain region information."
    # Access points have a region, and an account with it.
    if service == "s3" and regional and not account:
        return f"Resource {resource} can not contain region information."
    kind = name.partition("/")[0]
    if service == "iam" and name != "root" and not _is_open(kind) and not name.startswith(_IAM_TYPES):
        return f'IAM resource path must either be "*", root, or start with {", ".join(_IAM_TYPES)}.'
    return ""


def is_cut_short(resource: str) -> bool:
    """Tell whether an ARN names no service, or has too few colons for the fields it leaves empty.

    `arn:aws:s3:birds` is completed by wildcards; `arn:aws:s3::birds` is not.
    """
    _, _, *fields = (resource + "::").split(":")
    fields = fields[:-2]
    if resource == "*" or resource.startswith("${") or not fields:
        return False
    return not fields[0] or ("" in fields and len(fields) < _FIELDS - 2)


def _is_open(field: str) -> bool:
    return "*" in field or "?" in field or "$" in field
