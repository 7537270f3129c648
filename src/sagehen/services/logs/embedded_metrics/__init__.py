"""Embedded metric format: log events that say which of their members are metrics. Pure."""
