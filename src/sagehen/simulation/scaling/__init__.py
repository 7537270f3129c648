"""Policies, their alarms and what they decide each minute: the platform's own, on a virtual clock."""
