"""The real servers of the tests and benchmarks: private to one run, on ports and in folders of their own, killable and restartable.

Each is a plain context manager (`with postgres.start() as server:`), so nothing here needs pytest.
"""
