"""The chain in one picture: what there is, who calls whom by which permission, and what is broken.

`scene` asks AWS's operations; `links` and `health` are decided of what they answered.
"""
