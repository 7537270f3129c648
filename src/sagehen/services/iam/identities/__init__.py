"""The operations on users, groups, roles (service-linked ones too), instance profiles, and their tags.

What these have beside themselves is elsewhere: policies in `policies`, keys and passwords in
`credentials`, sessions in `sessions`.
"""
