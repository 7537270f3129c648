"""Alarms: put and listed (operations), held against data (evaluation), changed (states), acted on (actions).

`loop` evaluates metric alarms each at its interval; composite alarms follow in `states`, at once.
"""
