"""A plot in text: braille dots (2 x 4 to a character), axes, units, a legend.

Colours are the sixteen of terminals and are optional: dashes tell series apart without them.
"""
