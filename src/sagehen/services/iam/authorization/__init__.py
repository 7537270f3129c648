"""The evaluator applied to what is stored: the authorizer that guards every operation, and the simulator.

Which condition keys an action and a principal have is here, too. The way a decision is made is not:
that is `evaluation`, which knows no records.
"""
