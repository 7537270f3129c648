"""What a document and its parameters make of a command: pure.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html;
the names of the plugins, and sentences, are from memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.ssm.errors import InvalidDocument, InvalidDocumentVersion, InvalidParameters

_MOST_SECONDS = 172_800
# Of all parameters together; documented is 64 KB for a document, from memory it holds for these, too.
_MOST_BYTES = 64 * 1024
# Its stdin goes into a file, as the agent does it, so that `#!` is read. The command itself has none.
_RUN = (
    'f=$(mktemp "${TMPDIR:-/tmp}/ssm.XXXXXXXX") && cat >"$f" && chmod 700 "$f" || exit 1; '
    '%s "$f" </dev/null; code=$?; rm -f "$f"; exit $code'
)


@dataclass(frozen=True, slots=True)
class Document:
    """One that can be run.

    Args:
        name: AWS's.
        plugin: As invocations name their only step.
        words: What runs the script in stdin.
    """

    name: str
    plugin: str
    words: tuple[str, ...]


DOCUMENTS = {
    each.name: each
    for each in (
        Document("AWS-RunShellScript", "aws:runShellScript", ("/bin/sh", "-c", _RUN % "/bin/sh -c '\"$0\"'")),
        Document("AWS-RunPythonScript", "aws:runPythonScript", ("/bin/sh", "-c", _RUN % "python3")),
    )
}


@dataclass(frozen=True, slots=True)
class Script:
    """What runs.

    Args:
        content: Its lines.
        directory: Where; None is the root folder.
        timeout_s: When it is ended.
    """

    content: bytes
    directory: str | None
    timeout_s: int


def document(name: str, version: str | None) -> Document:
    """Find a document by its name or ARN.

    Raises:
        InvalidDocument, InvalidDocumentVersion, NotImplementedOperation: Others of AWS's.
    """
    bare = name.rpartition("document/")[2] if name.startswith("arn:") else name
    found = DOCUMENTS.get(bare)
    if found is None:
        if bare.startswith("AWS-"):
            raise NotImplementedOperation(f"Sagehen does not run the document {bare[:128]}.")
        raise InvalidDocument(f"Document with name {bare[:128]} does not exist.")
    if version not in (None, "", "$DEFAULT", "$LATEST", "1"):
        raise InvalidDocumentVersion(f"Document {bare} has no version {version}.")
    return found


def script(parameters: Mapping[str, Sequence[str]]) -> Script:
    """Read the parameters, which both documents have alike.

    Raises:
        InvalidParameters.
    """
    unknown = sorted(parameters.keys() - {"commands", "workingDirectory", "executionTimeout"})
    if unknown:
        raise InvalidParameters(f"Parameter {unknown[0][:128]} is not defined by the document.")
    if not parameters.get("commands"):
        raise InvalidParameters("Parameter commands requires a value.")
    content = "\n".join(parameters["commands"]).encode("utf-8", "surrogateescape") + b"\n"
    if len(content) > _MOST_BYTES:
        raise InvalidParameters(f"The commands have more than {_MOST_BYTES} bytes.")
    directory = _single(parameters, "workingDirectory", "")
    timeout = _single(parameters, "executionTimeout", "3600")
    if b"\0" in content or "\0" in directory or len(directory) > 4096:
        raise InvalidParameters("A value has a character that no command has.")
    if directory and not directory.startswith("/"):
        raise InvalidParameters("workingDirectory must be an absolute path.")
    if not (
        timeout.isascii() and timeout.isdigit() and len(timeout) < 7 and 0 < int(timeout) <= _MOST_SECONDS
    ):
        raise InvalidParameters(f"executionTimeout must be a number from 1 to {_MOST_SECONDS}.")
    return Script(content, directory or None, int(timeout))


def _single(parameters: Mapping[str, Sequence[str]], name: str, otherwise: str) -> str:
    values = parameters.get(name) or [otherwise]
    if len(values) != 1:
        raise InvalidParameters(f"Parameter {name} takes one value.")
    return values[0] or otherwise
