"""Plots: a pure description of a chart, and two who draw it.

chart      what is to be seen: panels of series over time or numbers, one or two y axes, annotations
totals     what is to be seen of single values: tiles, bars, slices of a pie, gauges
labels, points, ticks, colors   decisions that both drawers share: what a text may be, which points are worth
           drawing, where an axis has its ticks and how they read
pictures   PNG, drawn by matplotlib in a process of its own
terminal   text: braille dots, axes and units

Nothing here knows the platform. Labels and values are strangers': they are cut to size and to what can be
drawn (`labels`, `points`), and the process that draws has limits and an end (`pictures`).
"""
