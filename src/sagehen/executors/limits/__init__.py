"""Limits of processors, memory, processes and disk, and what is used of them.

Which limits a type has is `hardware`'s.
"""
