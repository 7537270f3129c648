"""docs/operations.md says what is declared."""

from __future__ import annotations

from pathlib import Path

from sagehen.app.operations_page import operations_page


def test_the_page_of_operations_is_up_to_date(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "operations.md"
    assert page.read_text() == operations_page(tmp_path), "run scripts/operations"
