"""The training jobs of a tuning job: what is kept of each (`records.py`), what all say (`tally.py`)."""
