"""Nested stacks: what they are to become (`wanting.py`), and how they are made of it (`maker.py`)."""
