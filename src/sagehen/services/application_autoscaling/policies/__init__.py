"""Scaling policies: what is asked of a target when which alarm fires, and the alarms that policies own."""
