"""What the bars are measured with; `make bench` runs `benchmarks.run`."""
