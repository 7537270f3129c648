"""What carries executions out: a task for each execution, which decides, and one for each step that goes on.

What a step makes has its name on record before it is made, so that whoever takes up an execution after the
platform was killed finds what there is instead of making it again.
"""
