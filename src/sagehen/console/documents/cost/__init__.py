"""What AWS would charge for what is here: a room for each kind of resource, and what they add up to.

Prices are the list that `sagehen instances` and rehearsals use; what they leave out is named in the document.
"""
