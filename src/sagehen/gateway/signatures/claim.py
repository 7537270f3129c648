"""Claim: what a request says about its own signature, read before anything is verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from sagehen.gateway.requests.incoming import Incoming

ALGORITHM = "AWS4-HMAC-SHA256"
# The texts below are recorded, but for SignedHeaders that name a header twice: those are ours.


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature as the request carries it.

    Args:
        kind: `header` or `query` (Signature Version 4), `form` (a browser upload's), `query-v2` (S3's older
            signed query, and form).
        access_key_id: Whom it claims to be.
        signature: Hexadecimal; base64 for `query-v2`.
        date: `YYYYMMDD` of the credential scope.
        region: Of the credential scope; '' for `query-v2`.
        service: Signing name of the credential scope; `s3` for `query-v2`.
        timestamp: `YYYYMMDDTHHMMSSZ`, or what the client sent in its place.
        signed_headers: Lower-case names in the order of the claim.
        token: The session token, or None.
        expires: Seconds of validity of a presigned query as sent; the epoch time for `query-v2`.
        problem: What is wrong with its form, in AWS's words; nothing else is filled in then.
        argument: The form field that the problem is about.
    """

    kind: str
    access_key_id: str = ""
    signature: str = ""
    date: str = ""
    region: str = ""
    service: str = ""
    timestamp: str = ""
    signed_headers: tuple[str, ...] = ()
    token: str | None = None
    expires: str = ""
    problem: str = ""
    argument: str = ""

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read_claim(incoming: Incoming) -> Claim | None:
    """Return the request's claim; None for an unsigned request.

    Of a request that is signed in its head and its query the head counts. S3 refuses those (from memory).
    """
    authorization = incoming.headers.get("authorization")
    if authorization is not None:
        return _from_header(authorization, incoming.headers)
    query = incoming.query
    if "X-Amz-Signature" in query or "X-Amz-Credential" in query or "X-Amz-Algorithm" in query:
        # Latin-1, as headers come: what is signed are bytes, and signatures are compared as such.
        return _from_query(dict(parse_qsl(query, keep_blank_values=True, encoding="latin-1")))
    if "AWSAccessKeyId=" in query or "Signature=" in query:
        parameters = {k: unquote(v, "latin-1") for k, _, v in (p.partition("=") for p in query.split("&"))}
        if any(not parameters.get(name) for name in ("AWSAccessKeyId", "Signature", "Expires")):
            text = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
            return Claim("query-v2", service="s3", problem=text)
        return Claim(
            "query-v2",
            access_key_id=parameters["AWSAccessKeyId"],
            signature=parameters["Signature"],
            service="s3",
            token=parameters.get("x-amz-security-token"),
            expires=parameters["Expires"],
        )
    return None


def _from_header(authorization: str, headers: Mapping[str, str]) -> Claim:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        return Claim("header", problem=f"Unsupported AWS 'algorithm': '{algorithm}'.")
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        parts[name] = value
    for name in ("Credential", "Signature", "SignedHeaders"):
        if not parts.get(name):
            return Claim("header", problem=f"Authorization header requires '{name}' parameter.")
    timestamp = headers.get("x-amz-date") or headers.get("date") or ""
    if not timestamp:
        text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        return Claim("header", problem=text)
    signed_headers = _names(parts["SignedHeaders"])
    if signed_headers is None:
        return Claim("header", problem="SignedHeaders names a header twice.")
    return _scoped(
        Claim(
            "header",
            signature=parts["Signature"],
            timestamp=timestamp,
            signed_headers=signed_headers,
            token=headers.get("x-amz-security-token"),
        ),
        parts["Credential"],
    )


def _from_query(parameters: Mapping[str, str]) -> Claim:
    if parameters.get("X-Amz-Algorithm") != ALGORITHM:
        return Claim("query", problem='X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
    for name in ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders"):
        if not parameters.get(name):
            return Claim(
                "query",
                problem="Query-string authentication version 4 requires the X-Amz-Algorithm, "
                "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires "
                "parameters.",
            )
    signed_headers = _names(parameters["X-Amz-SignedHeaders"])
    if signed_headers is None:
        return Claim("query", problem="X-Amz-SignedHeaders names a header twice.")
    return _scoped(
        Claim(
            "query",
            signature=parameters["X-Amz-Signature"],
            timestamp=parameters["X-Amz-Date"],
            signed_headers=signed_headers,
            token=parameters.get("X-Amz-Security-Token"),
            expires=parameters.get("X-Amz-Expires", ""),
        ),
        parameters["X-Amz-Credential"],
    )


def _names(text: str) -> tuple[str, ...] | None:
    """Return the names of signed headers; None where one comes twice.

    Each brings its header's value into what is signed: 8,000 times one of 15 kB would be 120 MB, to be
    hashed and to be shown to who signed wrongly. AWS's own words for it are not known.
    """
    names = tuple(text.split(";"))
    return names if len(set(names)) == len(names) else None


def _scoped(claim: Claim, credential: str) -> Claim:
    # From behind: all but the key's id has no slash.
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != "aws4_request" or not parts[0]:
        text = (
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{credential}'"
        )
        return Claim(claim.kind, problem=text)
    return Claim(
        claim.kind,
        access_key_id=parts[0],
        signature=claim.signature,
        date=parts[1],
        region=parts[2],
        service=parts[3],
        timestamp=claim.timestamp,
        signed_headers=claim.signed_headers,
        token=claim.token,
        expires=claim.expires,
    )
