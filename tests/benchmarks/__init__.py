"""How fast Billhook is, each figure beside a floor that is measured in the same run: `make bench`, or `python -m tests.benchmarks`."""
