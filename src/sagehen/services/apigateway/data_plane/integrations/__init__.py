"""Integrations being called: functions, web servers, services of the platform, MOCK; by mapping or as proxy.

`requests.py` and `responses.py` map what all kinds map alike.
"""
