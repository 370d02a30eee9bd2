"""Benchmarks: each figure is a ratio of two things measured in turns on the same machine, see docs/benchmarks.md."""
