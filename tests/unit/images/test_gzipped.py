"""The reader of gzip gives what the standard library's gives, and refuses what that refuses."""

from __future__ import annotations

import gzip
import io
import random
import zlib

import pytest

from sagehen.images.roots.gzipped import gunzipped


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # the same in every worker: tests have their names of it


LARGE = random.Random(0).randbytes(700_000) + bytes(5_000_000)
ONE = _packed(LARGE)


@pytest.mark.parametrize(
    "packed",
    [
        ONE,
        _packed(b""),
        _packed(b"a") + _packed(b"") + ONE,
        _packed(b"a") + bytes(600_000),  # padded
        _packed(b"a") + bytes(3) + _packed(b"b"),
    ],
)
@pytest.mark.parametrize("size", [512, 1_000_000])
def test_what_a_file_holds(packed: bytes, size: int) -> None:
    file = gunzipped(io.BytesIO(packed))
    found = b"".join(iter(lambda: file.read(size), b""))
    assert found == gzip.decompress(packed)


@pytest.mark.parametrize(
    ("packed", "error"),
    [
        (ONE[:-1], EOFError),
        (ONE[:-8], EOFError),
        (ONE[:400_000], EOFError),
        (ONE[:5], EOFError),
        (ONE[:-8] + bytes(8), zlib.error),  # another sum
        (ONE[:1000] + b"\xff" * 1000 + ONE[2000:], zlib.error),
        (ONE + b"more", gzip.BadGzipFile),
        (ONE + b"\x1fmore", zlib.error),
    ],
)
def test_what_is_damaged_is_refused(packed: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        gunzipped(io.BytesIO(packed)).read()
