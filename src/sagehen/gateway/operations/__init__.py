"""Which operation is asked for, whether it may be, and how a refusal of it is written.

The wire formats are `protocol`'s.
"""
