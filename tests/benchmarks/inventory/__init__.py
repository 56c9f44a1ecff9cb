"""The inventory beside its peers: ``python -m tests.benchmarks.inventory``.

==============  ==================================================================
`requests`      A: how many requests, counted by the server
`identity`      B: the same contents, whatever way they were found
`speed`         C: CPU and wall time of a listing that S3 answers
`local`         C: the same of a local tree of 100,000 files
`memory`        D: how much memory above what the imports take
`snapshots`     E: what a snapshot takes and how fast it answers
`hygiene`       F: exit codes, throttling
`bench`         what all tables measure with
`child`         a measurement, in a process of its own
`ways`          what is measured: of ours, and of the peers
`rows`          a line of a table, and whether its bar is met
==============  ==================================================================
"""
