"""A file per room of the plan: it builds the room's services, on what others have built before.

`loading.py` imports each by its name in the plan when it is needed; only `core.py`, which each platform has,
is imported by name.
"""
