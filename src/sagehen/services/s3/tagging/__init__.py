"""Tags of objects: their operations, what tags may be, and the condition keys that they bring along.

Buckets' tags keep to the same rules (`tag_sets`); their operations are in `buckets`.
"""
