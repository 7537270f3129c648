"""Requests and answers: their headers, parameters, bodies, and conversions of these.

Nothing here knows of methods or integrations.
"""
