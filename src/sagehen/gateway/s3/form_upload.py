"""S3's browser upload: a form with a signed policy, whose file part becomes a PutObject.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import quote, urlencode

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from sagehen.gateway.requests.body import IncompleteBody, RequestBody, collect
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.addressing import Target
from sagehen.gateway.signatures.claim import ALGORITHM, Claim
from sagehen.protocol.reading.xml_values import load_xml

_MAX_FIELDS_BYTES = 20 * 1024  # AWS's limit for everything before the file
# A boundary has 70 characters at the most (RFC 2046); to take parameters apart takes time of their square.
_MAX_TYPE_CHARACTERS = 1024
# What is parsed at once: 256 kB of empty parts behind the file took 43 ms, though nobody looks at them.
_PIECE_BYTES = 64 * 1024


def is_form_upload(incoming: Incoming, claim: Claim | None, target: Target) -> bool:
    return (
        incoming.method == "POST"
        and claim is None
        and incoming.headers.get("content-type", "").startswith("multipart/form-data")
        and bool(target.bucket)
        and not target.key
    )


class FormUpload:
    """A form as it arrives: first the fields, then the file as a stream. What follows is ignored."""

    def __init__(self, incoming: Incoming) -> None:
        content_type = incoming.headers["content-type"]
        if len(content_type) > _MAX_TYPE_CHARACTERS:
            raise _malformed()
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise _malformed()
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.length: int | None = None
        self.on_end: Callable[[int], None] | None = None  # called with the file's size, may raise
        self._body = incoming.body
        self._pieces: list[bytes] = []
        self._in_file = False
        self._file_done = False
        self._field_bytes = 0
        self._part_headers: dict[str, str] = {}
        self._header = [b"", b""]
        self._value = bytearray()
        self._name = ""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": lambda data, start, end: self._add_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add_header(1, data[start:end]),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_ends,
            },
        )
        self._iterator: AsyncIterator[bytes] = _pieces_of(incoming.body)

    async def read_fields(self) -> None:
        """Read up to the first byte of the file.

        Raises:
            Refusal: No file, too large fields, not a form.
        """
        async for piece in self._iterator:
            self._feed(piece)
            if self._in_file or self._file_done:
                return
        text = "POST requires exactly one file upload per request."
        raise Refusal("InvalidArgument", text, 400, ArgumentName="file", ArgumentValue="0")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        while True:
            pieces, self._pieces = self._pieces, []
            for piece in pieces:
                size += len(piece)
                yield piece
            if self._file_done:
                break
            try:
                self._feed(await anext(self._iterator))
            except StopAsyncIteration:
                raise IncompleteBody from None
        async for _ in self._iterator:  # the rest of the form, so that the connection can go on
            pass
        if self.on_end is not None:
            self.on_end(size)

    async def read(self, limit: int) -> bytes:
        return await collect(self, limit)

    def trailers(self) -> dict[str, str]:
        return {}

    def _feed(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _malformed() from error

    def _part_begins(self) -> None:
        self._count(len(self._parser.boundary))
        self._part_headers = {}
        self._value = bytearray()

    def _add_header(self, index: int, data: bytes) -> None:
        self._count(len(data))
        self._header[index] += data

    def _count(self, size: int) -> None:
        """Count what stands before the file: values, and also the headers and boundaries of parts."""
        self._field_bytes += size
        if self._field_bytes > _MAX_FIELDS_BYTES and not self._file_done:
            text = "Your POST request fields preceding the upload file were too large."
            raise Refusal("MaxPostPreDataLengthExceededError", text, 400)

    def _header_ends(self) -> None:
        self._part_headers[self._header[0].decode("latin-1").lower()] = self._header[1].decode("latin-1")
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._part_headers.get("content-disposition", ""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == "file" and not self._file_done:
            self._in_file = True
            name = options.get(b"filename")
            self.file_name = None if name is None else name.decode("utf-8", "replace").rpartition("/")[2]

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(bytes(data[start:end]))
        elif not self._file_done:
            self._count(end - start)
            self._value += data[start:end]

    def _part_ends(self) -> None:
        if self._in_file:
            self._in_file, self._file_done = False, True
        elif not self._file_done:
            name = self._name.lower()
            # What is signed are bytes, which Latin-1 keeps as they are.
            encoding = "latin-1" if name in _OF_THE_SIGNATURE else "utf-8"
            self.fields[name] = self._value.decode(encoding, "replace")


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


_VERSION_2 = ("Signature", "AWSAccessKeyId")
_VERSION_4 = ("X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date")
# Fields that are headers of PutObject under the same name; `acl` and `tagging` have names of their own.
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
_OF_THE_SIGNATURE = _OF_THE_FORM | {"policy", "signature", "awsaccesskeyid"}


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
    return f"/{bucket}/{quote(key, safe='/~')}"


async def _pieces_of(body: RequestBody) -> AsyncIterator[bytes]:
    async for piece in body:
        for start in range(0, len(piece), _PIECE_BYTES):
            yield piece[start : start + _PIECE_BYTES]


def _malformed() -> Refusal:
    text = "The body of your POST request is not well-formed multipart/form-data."
    return Refusal("MalformedPOSTRequest", text, 400)
