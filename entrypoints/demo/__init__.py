"""The sample world of `billhook demo`: companies, prices and a few weeks of orders, the same on every machine."""
