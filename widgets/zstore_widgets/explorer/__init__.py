"""What the tree of the explorer asks: levels, nodes, sizes, searches, edits."""
