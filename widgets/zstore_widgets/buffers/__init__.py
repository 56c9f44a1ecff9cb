"""What the buffer inspector answers: the device, a store's memory, one buffer's values."""

__all__: list[str] = []
