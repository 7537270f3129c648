"""The fields of a browser's form: whose signature they hold, and the PutObject that they stand for.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.claim import ALGORITHM, Claim
from sagehen.protocol.reading.xml_values import load_xml

_VERSION_2 = ("Signature", "AWSAccessKeyId")
_VERSION_4 = ("X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date")
# Documented: POST Object, "Form fields". Headers of PutObject under the same name; `acl` and `tagging` have
# names of their own.
_AS_HEADERS = frozenset(
    (
        "cache-control",
        "content-type",
        "content-disposition",
        "content-encoding",
        "content-language",
        "expires",
    )
)
_OF_THE_FORM = frozenset(
    ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token")
)
OF_THE_SIGNATURE = _OF_THE_FORM | {"policy", "signature", "awsaccesskeyid"}


def claim_of(fields: Mapping[str, str]) -> Claim | None:
    """Return the signature's claim of a form; None where there is no policy: an anonymous upload."""
    if "policy" not in fields:
        return None
    token = fields.get("x-amz-security-token")
    missing = _missing_field(fields)
    if missing is not None:
        text = (
            f"Bucket POST must contain a field named '{missing}'.  If it is specified, please check the "
            "order of the fields."
        )
        return Claim("form", problem=text, argument=missing)
    if "awsaccesskeyid" in fields:
        return Claim(
            "query-v2", fields["awsaccesskeyid"], fields.get("signature", ""), service="s3", token=token
        )
    parts = fields.get("x-amz-credential", "").rsplit("/", 4)
    if fields["x-amz-algorithm"] != ALGORITHM or len(parts) != 5 or parts[3] != "s3":
        text = "The form's x-amz-credential or x-amz-algorithm is not valid."
        return Claim("form", problem=text, argument="X-Amz-Credential")
    return Claim(
        "form",
        access_key_id=parts[0],
        signature=fields["x-amz-signature"],
        date=parts[1],
        region=parts[2],
        service=parts[3],
        timestamp=fields["x-amz-date"],
        token=token,
    )


def _missing_field(fields: Mapping[str, str]) -> str | None:
    """Return the first field that the signature of a form lacks, as S3 spells it.

    Raises:
        Refusal: AccessDenied, where it has none of any version.
    """
    for names in (_VERSION_2, _VERSION_4):
        if any(name.lower() in fields for name in names):
            return next((name for name in names if not fields.get(name.lower())), None)
    raise Refusal("AccessDenied", "Access Denied", 403)


def put_headers(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of the PutObject that the form stands for."""
    headers = {
        name: value
        for name, value in fields.items()
        if name in _AS_HEADERS or (name.startswith("x-amz-") and name not in _OF_THE_FORM)
    }
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    if "tagging" in fields and (tags := _tags(fields["tagging"])):
        headers["x-amz-tagging"] = urlencode(tags)
    return headers


def _tags(document: str) -> list[tuple[str, str]]:
    """Read the `tagging` field: PutObjectTagging's document. Another root has no tags (recorded).

    Raises:
        MalformedXML: It is no XML.
    """
    root = load_xml(document.encode())
    return [
        (tag.findtext("{*}Key") or "", tag.findtext("{*}Value") or "")
        for tag in root.iterfind("{*}TagSet/{*}Tag")
    ]


def key_of(fields: Mapping[str, str], file_name: str | None) -> str:
    """Return the object's key, with the browser's file name put in where the file has one.

    Raises:
        Refusal: The form has no key.
    """
    key = fields.get("key", "")
    if file_name is not None:
        key = key.replace("${filename}", file_name)
    if not key:
        text = (
            "Bucket POST must contain a field named 'key'.  If it is specified, "
            "please check the order of the fields."
        )
        raise Refusal("InvalidArgument", text, 400, ArgumentName="key", ArgumentValue="")
    return key


def object_path(bucket: str, key: str) -> str:
    """Return the path of the PutObject that stores an upload, percent-encoded."""
    return f"/{bucket}/{quote(key, safe='/~')}"
