"""Bucket notifications: which events go to which function. Fired by `events`."""
