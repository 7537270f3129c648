"""Filters of groups: stored events go through `forwarding` to metrics and to functions (subscriptions)."""
