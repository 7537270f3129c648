"""Export: what an account has, as a template that AWS takes.

    reading   asks the public API, and tells what it is told in CloudFormation's words: nodes
    graph     nodes, what they say of one another, which of them are a chain: pure
    check     what to know and to do before: quotas, prices, what is open, rights without use: pure
    writing   a format each: pure, from a graph to texts

It is a client of the platform: whoever exports sees what its keys may read. Names and texts of users are
data here: only the writers put them into a language, each by that language's own quoting.
"""
