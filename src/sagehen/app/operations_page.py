"""What is declared, read of services that are built; and the page of operations, made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sagehen.app.data_folder import DataFolder
from sagehen.app.platform import Platform
from sagehen.app.settings import Settings
from sagehen.protocol.models.catalog import Catalog


def built(scratch: Path) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Return the operations of each service, and the steps of each component's tables.

    Args:
        scratch: Holds a data folder meanwhile.
    """
    folder = DataFolder(scratch / "data")
    folder.open()
    try:
        platform = Platform(Settings(data_folder=folder.root, port=1), folder)
        try:
            operations = {
                service.name: sorted(operation.name for operation in service.operations())
                for service in platform.services()
            }
            return operations, platform.schema_versions()
        finally:
            platform.close_database()
    finally:
        folder.close()


def operations_page(declared: Mapping[str, Sequence[str]]) -> str:
    """Return docs/operations.md as Markdown.

    Raises:
        ValueError: An operation is declared that AWS's model does not have; of large models the platform
            itself does not look.
    """
    catalog = Catalog(declared)
    for name, operations in declared.items():
        if unknown := set(operations) - set(catalog.operation_names(name)):
            raise ValueError(f"{name} has no operations {sorted(unknown)} in AWS's model")
    lines = [
        "# Operations",
        "",
        "What is declared has its real effect; everything else answers 501 and names itself.",
        "Made by `scripts/operations`; a test keeps it true.",
        "",
        "| service | declared | of |",
        "|---|---|---|",
    ]
    lines += [
        f"| [{name}](#{name}) | {len(operations)} | {len(catalog.operation_names(name))} |"
        for name, operations in declared.items()
    ]
    for name, operations in declared.items():
        lines += ["", f"## {name}", "", ", ".join(operations)]
    return "\n".join(lines) + "\n"
