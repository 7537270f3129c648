"""What jobs of every kind have in common: their instances, what goes on beside them, why they failed.

Nothing here knows what kind of job it is for.
"""
