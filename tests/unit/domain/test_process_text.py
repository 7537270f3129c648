"""What may become part of a process, decided before anything is written."""

from __future__ import annotations

import pytest

from sagehen.domain.process_text import (
    MAX_STRING_BYTES,
    encoded,
    fault_of_argument,
    fault_of_field,
    fault_of_folder,
    fault_of_path,
    fault_of_variable,
    first_fault,
)


def test_what_the_kernel_gets() -> None:
    assert encoded("é\udcff\n") == b"\xc3\xa9\xff\n"  # a file's name may hold bytes that are no UTF-8


@pytest.mark.parametrize("text", ["a\0b", "\0", "\ud800", "x" * MAX_STRING_BYTES])
def test_what_no_argument_can_be(text: str) -> None:
    assert fault_of_argument(text)
    assert fault_of_variable("A", text)
    assert fault_of_path(text)


@pytest.mark.parametrize("text", ["", "--bind", "-", "a b", "a\nb", "\x1b[2J", "=", "é", "x" * 1000])
def test_odd_arguments_are_arguments(text: str) -> None:
    assert fault_of_argument(text) is None
    assert fault_of_variable("A", text) is None


@pytest.mark.parametrize("text", ["", "a", "./a", "/a/../b", "/..", f"/{'é' * 128}", "/a\0", "/a" * 2048])
def test_where_nobody_works(text: str) -> None:
    assert fault_of_folder(text)


def test_where_somebody_works() -> None:
    for text in ("/", "/a/..b/", f"/{'é' * 127}", "/\udcff"):
        assert fault_of_folder(text) is None


@pytest.mark.parametrize("name", ["", "A=B", "A\0B", "="])
def test_names_that_a_variable_cannot_have(name: str) -> None:
    assert fault_of_variable(name, "v")


@pytest.mark.parametrize("text", ["", "a b", "a\nb", "#a", "a\tb", "a\u2028b", "a\x7fb"])
def test_what_no_field_of_a_line_can_be(text: str) -> None:
    assert fault_of_field(text)


def test_the_first_fault_is_named_without_its_value() -> None:
    assert first_fault({"A": "b", "B": "se\0cret"}) == ("B", "it contains a NUL character")
    assert first_fault({}, ("a", "b\0")) == ("argument 2", "it contains a NUL character")
    assert first_fault({"A": "b"}, ("--", "c")) is None
