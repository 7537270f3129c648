"""The query language: text to a tree. Pure.

A recursive descent of our own: whether `/` divides or begins a regular expression, and whether a word is a
field or a unit of time, depends on where it stands.
"""
