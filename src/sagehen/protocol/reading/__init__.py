"""Requests into values: `parse`, and for each protocol where its members are.

`*_values` read scalars, lists and structures out of JSON, text and XML, one closure per shape. What is
wrong in form is refused here; what breaks a constraint of the model is `validation`'s.
"""
