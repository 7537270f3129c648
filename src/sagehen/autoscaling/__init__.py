"""Decisions of autoscaling: how much capacity a policy asks for, given what its alarms saw.

Pure functions of (policies, observations, capacity, last activity, now), in AWS's terms: the platform's
scaling loop and the rehearsal call the same ones. Nothing here reads a clock, a metric or a record.
"""
