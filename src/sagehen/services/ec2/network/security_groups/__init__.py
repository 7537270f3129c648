"""Security groups: their rules, and the decision whether these let something pass (`decision.py`)."""
