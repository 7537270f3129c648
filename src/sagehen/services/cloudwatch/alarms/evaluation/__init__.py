"""What data says of an alarm: its condition, the decision on data points, the words for it, composite rules.

Pure but for `datapoints`, which reads metrics. Nothing here changes an alarm: see `states`.
"""
