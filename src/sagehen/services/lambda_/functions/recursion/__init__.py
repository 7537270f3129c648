"""Whether a function may be part of a loop."""
