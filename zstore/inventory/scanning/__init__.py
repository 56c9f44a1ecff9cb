"""Listing a store into a snapshot: here, by workers, again, and how far it is."""
