"""How Lambda counts: an account's limits, what functions cut out of them, how fast environments are added.

Pure, in Lambda's terms: the platform's dispatch and the rehearsal call the same functions.
"""
