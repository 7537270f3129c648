"""Metric math: expressions over series. Pure: who evaluates one hands in what reads the metrics it names."""
