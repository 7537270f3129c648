"""The report: the metrics as a page of HTML. AWS's is a notebook and a PDF besides."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from sagehen.trainingtoolkit.clarify.analysis import SECTION


def page(title: str, document: Mapping[str, Any]) -> str:
    """Return the page."""
    section = document[SECTION]
    told = f"Label {section['label']}, positive: {section['label_value_or_threshold']}"
    parts = [f"<h1>{escape(title)}</h1><h2>Pretraining bias metrics</h2><p>{escape(told)}</p>"]
    for name, groups in section["facets"].items():
        for group in groups:
            rows = "".join(_row(one) for one in group["metrics"])
            head = escape(f"{name}: {group['value_or_threshold']}")
            parts.append(f"<h3>{head}</h3><table><tr><th>Metric</th><th>Value</th></tr>{rows}</table>")
    body = "\n".join(parts)
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head>{body}</html>'
    )


def _row(metric: Mapping[str, Any]) -> str:
    value = metric.get("error") if metric["value"] is None else f"{metric['value']:.6g}"
    return f"<tr><td>{escape(metric['description'])}</td><td>{escape(str(value))}</td></tr>"
