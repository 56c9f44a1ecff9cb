"""Stores around a store: one file for each thing they add."""
