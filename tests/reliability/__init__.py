"""The battery: what zstore promises, and the figure that shows it, beside its peers.

``make battery`` runs all of it for minutes and keeps the table under `results`; the short
form is a test. Each folder holds the measures of one kind of promise, `promises` says
them, `systems` wraps what is measured, and `jail` is where anything runs that hands a
hostile key to a store.
"""
