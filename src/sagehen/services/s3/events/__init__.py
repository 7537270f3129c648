"""Events: what happened to objects, told to functions as buckets' notifications ask for.

Below everything that changes objects. Which notifications a bucket has is put in `notifications`.
"""
