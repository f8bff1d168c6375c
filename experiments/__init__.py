"""Reproducible training scripts and the scores they recorded."""
