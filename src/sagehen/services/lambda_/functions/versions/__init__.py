"""Versions: what `$LATEST` was when it was published. Their rows are `functions/rows.py`."""
