"""zstore's device memory beside zarr's, and beside the bare copies that it is made of."""

__all__: list[str] = []
