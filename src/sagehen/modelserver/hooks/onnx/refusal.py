"""StaysOnPyTorch: the reason, for the log."""


class StaysOnPyTorch(Exception):
    """The model is served as it is."""
