"""GetMetricWidgetImage: metrics as a picture.

reading, shorthand, times, annotations   from a widget's JSON to what it says (`widget`). Pure
data                                     the series that it asks for, read as GetMetricData reads them
picture                                  from both to a chart (`sagehen.plots`). Pure
turns                                    who makes one now, and who waits
"""
