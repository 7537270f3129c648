"""Reading data points over the wire: GetMetricStatistics and GetMetricData, with its labels and notes."""
