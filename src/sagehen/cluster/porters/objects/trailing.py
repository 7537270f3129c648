"""trailing(body): a file in the encoding `aws-chunked`, its checksum behind it: it arrives as it was read.

AWS's clients send files in this way over TLS. A digest that is signed ahead would have each file read twice,
and a file that somebody writes to meanwhile refused. The checksum is the one that S3 adds by itself to what
comes without (CRC64NVME): objects are as those that the platform stores of its own machine.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from sagehen.cluster.porters.objects.sending import Body, BodyShort

# S3 takes none of less than 8 KiB but the last (documented, on the page above).
CHUNK_BYTES = 256 * 1024
_NAME = "x-amz-checksum-crc64nvme"
# Of base64 of 8 bytes.
_CHECKSUM_CHARACTERS = 12


def trailing(body: Body) -> tuple[Body, dict[str, str]]:
    """Return a body in its encoding, and the headers that say so."""
    headers = {
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(body.size),
        "x-amz-trailer": _NAME,
    }
    return Body(_encoded_size(body.size), lambda: _encoded(body)), headers


def _encoded(body: Body) -> Iterator[bytes]:
    from awscrt.checksums import crc64nvme  # of 50 ms: most porters store nothing

    checksum, left = 0, body.size
    for chunk in _chunks(body.pieces()):
        checksum, left = crc64nvme(chunk, checksum), left - len(chunk)
        yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    if left:
        raise BodyShort
    yield b"0\r\n%b:%b\r\n\r\n" % (_NAME.encode(), base64.b64encode(checksum.to_bytes(8, "big")))


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes, in chunks of one size but the last: the size of all is told before."""
    held = bytearray()
    for piece in pieces:
        if not held and len(piece) == CHUNK_BYTES:
            yield piece
            continue
        held += piece
        while len(held) >= CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    if held:
        yield bytes(held)


def _encoded_size(size: int) -> int:
    whole, rest = divmod(size, CHUNK_BYTES)
    chunks = whole * len(b"%x\r\n\r\n" % CHUNK_BYTES)
    last = len(b"%x\r\n\r\n" % rest) if rest else 0
    return size + chunks + last + len(f"0\r\n{_NAME}:\r\n\r\n") + _CHECKSUM_CHARACTERS
