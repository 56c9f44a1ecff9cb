"""The sizes below a prefix: scanned, kept as a tree, cut to what a map shows."""
