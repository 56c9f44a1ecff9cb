"""What a scan leaves behind: files of keys and totals, and manifests that name them."""
