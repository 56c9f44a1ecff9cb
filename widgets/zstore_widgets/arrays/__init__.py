"""Slices of arrays as pictures and lines, and maps of their chunks."""
