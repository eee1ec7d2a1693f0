"""How fast the client is beside others: ``python -m benchmarks``, or ``nox -s bench``; see docs/performance.md."""
