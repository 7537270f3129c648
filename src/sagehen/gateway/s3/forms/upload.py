"""S3's browser upload: a form with a signed policy, whose file part becomes a PutObject.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from sagehen.gateway.requests.body import IncompleteBody, RequestBody, collect
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.addressing import Target
from sagehen.gateway.s3.forms.fields import OF_THE_SIGNATURE
from sagehen.gateway.signatures.claim import Claim

_MAX_FIELDS_BYTES = 20 * 1024  # documented: S3 API Reference, POST Object: all but the file, 20 kB
# A boundary has 70 characters at the most (RFC 2046); to take parameters apart takes time of their square.
_MAX_TYPE_CHARACTERS = 1024
# What is parsed at once: 256 kB of empty parts behind the file took 43 ms, though nobody looks at them.
_PIECE_BYTES = 64 * 1024


def is_form_upload(incoming: Incoming, claim: Claim | None, target: Target) -> bool:
    """Tell whether a request is a browser's form: multipart/form-data to a bucket, unsigned itself."""
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
        """Return the file whole.

        Raises:
            RequestEntityTooLarge: It is longer than `limit` bytes.
            Refusal: MalformedPOSTRequest, or what `on_end` says of its size.
        """
        return await collect(self, limit)

    def trailers(self) -> dict[str, str]:
        """Return nothing: forms have none."""
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
            encoding = "latin-1" if name in OF_THE_SIGNATURE else "utf-8"
            self.fields[name] = self._value.decode(encoding, "replace")


async def _pieces_of(body: RequestBody) -> AsyncIterator[bytes]:
    async for piece in body:
        for start in range(0, len(piece), _PIECE_BYTES):
            yield piece[start : start + _PIECE_BYTES]


def _malformed() -> Refusal:
    # Documented: S3 API Reference, Error responses, MalformedPOSTRequest.
    text = "The body of your POST request is not well-formed multipart/form-data."
    return Refusal("MalformedPOSTRequest", text, 400)
