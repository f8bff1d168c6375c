"""Public benchmarks of stance and of sentiment toward a target: their own splits, their own measures."""
