"""Reading data over the wire: GetMetricStatistics (`statistics`), GetMetricData with its labels and notes."""
