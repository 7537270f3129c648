"""Inline code: the package of a function whose source stands in a template. Documented: Code.ZipFile."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.services.cloudformation.types.known import Known

_INSIDE = Path(__file__).parent / "inside"
# The same source makes the same package.
_WRITTEN_AT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Runtime:
    """Of a family of runtimes: the source's file, and the module that answers custom resources' requests.

    Args:
        named: The module as sources name it.
        module, place: Our file of it, and where it is put.
    """

    file: str
    named: str
    module: str
    place: str


_RUNTIMES = {
    "python": _Runtime("index.py", "cfnresponse", "cfnresponse.py", "cfnresponse.py"),
    "nodejs": _Runtime("index.js", "cfn-response", "cfn-response.js", "node_modules/cfn-response.js"),
}


def inline_code(value: Any, known: Known) -> bytes:
    """Return the package: the source, and the module `cfn-response` where the source names it, as on AWS."""
    name, source = str(known.properties.get("Runtime", "")), str(value)
    runtime = next((one for start, one in _RUNTIMES.items() if name.startswith(start)), None)
    if runtime is None:
        raise ValueError(f"ZipFile can only be used with Python and Node.js runtimes, not {name}")
    files = {runtime.file: source}
    if runtime.named in source:
        files[runtime.place] = (_INSIDE / runtime.module).read_text()
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, text in files.items():
            entry = zipfile.ZipInfo(place, _WRITTEN_AT)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return package.getvalue()
