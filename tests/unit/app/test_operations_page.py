"""docs/operations.md says what is declared, and so does what a platform knows before it loads a service."""

from __future__ import annotations

from pathlib import Path

from sagehen.app.declared import declared_operations, declared_schemas
from sagehen.app.operations_page import built, operations_page


def test_the_page_of_operations_is_up_to_date(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "operations.md"
    operations, schemas = built(tmp_path)
    assert [*operations.items()] == [*declared_operations().items()], "run scripts/operations"
    assert page.read_text() == operations_page(operations), "run scripts/operations"
    assert schemas == declared_schemas(), "run scripts/operations"
