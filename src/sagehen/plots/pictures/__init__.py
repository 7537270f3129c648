"""Pictures: PNG, drawn by matplotlib in a process of its own.

process, once   the platform's side: a process that stays warm for a while, or one for a single picture
child           what that process runs; it alone imports `drawn`, and `drawn` alone imports matplotlib
drawn           figures, axes, legends

Why matplotlib: it draws everything that is wanted here (two axes, stacks, steps, bands, pies) with fonts of
its own, without a browser, and every Python of a data scientist has it. Pillow alone would mean to write axes
and anti-aliasing by hand; pygal draws SVG and needs Cairo for PNG; plotly needs a browser (kaleido).
Why a process: it takes 70 MB and a second to import, and what it draws is strangers' labels and values.
"""
