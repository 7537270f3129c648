"""The language of policies, and IAM's words for what breaks it, as they were recorded.

Texts in, statements and comparisons out: nothing here knows who asks, or what is stored.
"""
