"""Traffic over time: how many requests come in a second, from an expression or a trace, and when each comes.

Pure: nothing here reads a clock or sends anything. The load generator sends what comes; the rehearsal counts
it.
"""
