"""Search: filters over whatever SageMaker's rooms tell of their things. No room is known here.

What there is to search through, the room `searchable` says.
"""
