"""Where keys and values lie: one file for each kind of store."""
