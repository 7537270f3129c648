"""What text may become part of a process: an argument, a variable, a path, a line of a file.

The kernel ends each of them at its first NUL, a variable's name at its first `=`, and a file of
lines a record at its newline. Whoever writes a longer text there says something else than he was
told, and a user who chooses the text then chooses what: here it is an error instead.

Services use it to refuse such text where it comes in, executors where it would be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# execve(2), MAX_ARG_STRLEN: one argument, or one `NAME=value`, its NUL included.
MAX_STRING_BYTES = 131_072
# Of one path, PATH_MAX, its NUL included.
MAX_PATH_BYTES = 4_096
# Of one name in it, NAME_MAX.
MAX_NAME_BYTES = 255


def encoded(text: str) -> bytes:
    """Return a text's bytes as the kernel gets them; names of files may hold bytes that are no UTF-8.

    Raises:
        ValueError: It has a NUL or a lone surrogate: no bytes stand for it.
    """
    if "\0" in text:
        raise ValueError("it contains a NUL character")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ValueError("it contains a character that cannot be encoded") from None


def fault_of_argument(text: str) -> str | None:
    """Return why a text cannot be an argument of a program, or None where it can."""
    return _fault(text, MAX_STRING_BYTES)


def fault_of_path(text: str) -> str | None:
    """Return why a text cannot be a path, or None where it can."""
    return "it is empty" if not text else _fault(text, MAX_PATH_BYTES)


def fault_of_folder(text: str) -> str | None:
    """Return why a text cannot be the path of a folder to work in, as a user may name one, or None."""
    names = text.split("/")
    if fault := fault_of_path(text):
        return fault
    if any(len(encoded(name)) > MAX_NAME_BYTES for name in names):
        return "a name in it is too long"
    return None if text.startswith("/") and ".." not in names else "it is no plain, absolute path"


def fault_of_variable(name: str, value: str) -> str | None:
    """Return why an environment cannot hold this variable, or None where it can."""
    if not name or "=" in name:
        return "a variable's name must not be empty or contain '='"
    return _fault(f"{name}={value}", MAX_STRING_BYTES)


def fault_of_field(text: str) -> str | None:
    """Return why a text cannot be one field of one line of a file such as /etc/hosts, or None."""
    if not text or text.startswith("#") or any(char.isspace() or not char.isprintable() for char in text):
        return "it must be one printable word"
    return _fault(text, MAX_STRING_BYTES)


def first_fault(variables: Mapping[str, str], arguments: Iterable[str] = ()) -> tuple[str, str] | None:
    """Return what a process could not be given, as (its name, why), or None where all is well.

    An argument has no name: it is told by its place, `argument 1`.
    """
    for name, value in variables.items():
        if fault := fault_of_variable(name, value):
            return name, fault
    for place, argument in enumerate(arguments, 1):
        if fault := fault_of_argument(argument):
            return f"argument {place}", fault
    return None


def _fault(text: str, limit: int) -> str | None:
    try:
        size = len(encoded(text))
    except ValueError as error:
        return str(error)
    return f"it is longer than {limit - 1} bytes" if size >= limit else None
