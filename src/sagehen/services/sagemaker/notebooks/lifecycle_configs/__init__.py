"""Lifecycle configurations: the scripts that run when a notebook instance is made and when it starts."""
