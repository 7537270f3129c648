"""Policies as things that are stored: managed, inline and trust policies, versions, attachments, boundaries.

Also how other services' policies are checked and bound to users and roles. What a policy says is
read in `grammar`; what follows from it is decided in `evaluation`.
"""
