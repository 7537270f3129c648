"""Documents for the console: what no call of AWS's API tells, or what takes a hundred calls.

What a document says of AWS's resources it has from their own operations, asked in the name of who wants the
document: it never shows what that identity may not see.
"""
