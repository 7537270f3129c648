"""The report as a notebook, since people look for profiler-report.ipynb."""

from __future__ import annotations

import json
from typing import Any


def notebook(html: str) -> str:
    """Return a notebook (nbformat 4) that shows a page, without anything to run."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [
            {
                "output_type": "display_data",
                "data": {"text/html": html.splitlines(keepends=True)},
                "metadata": {},
            }
        ],
        "source": [],
    }
    content = {
        "cells": [cell],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(content, indent=1)
