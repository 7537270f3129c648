"""The load generator: it sends requests when they are due, whatever becomes of earlier ones, and counts.

A client: it knows AWS's public API and HTTP, and nothing of the platform's inside. `sender` runs in processes
of its own, so that neither the view nor what is asked of AWS meanwhile makes a request late.
"""
