"""The HTTP front door: one port, one ordered chain of steps, one file per step."""
