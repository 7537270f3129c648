"""A rehearsal that a browser asks for.

rehearsal     one at a time, in a process of its own, with a deadline
aside         that process: reads a plan from its standard input, prints what came of it
bounded       what a plan may be that came over the wire, and how much is told of a run. Pure
"""
