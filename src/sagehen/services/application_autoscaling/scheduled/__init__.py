"""Scheduled actions: new bounds for a target, once or again and again."""
