"""A request as it was read: its head, its body, refusals of it. Nothing here knows operations or who asks."""
