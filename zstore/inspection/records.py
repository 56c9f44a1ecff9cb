"""What an inspection answers: plain data, in bytes and sentences."""

from dataclasses import dataclass, field

__all__ = [
    "BufferInfo",
    "DeviceInfo",
    "MemoryMap",
    "PoolInfo",
    "Region",
    "Resident",
    "Statistics",
]

_ROUNDING_NBYTES = 512


@dataclass(frozen=True, slots=True)
class BufferInfo:
    """Where a buffer is, and whose memory it is.

    Attributes
    ----------
    device
        ``"cpu"``, or ``"cuda:0"`` and so on.
    pointer
        Address of the first byte; 0 of an empty buffer.
    nbytes
        Length in bytes.
    readonly
        Whether it refuses to be written to.
    owner
        What holds the memory: its class.
    owner_nbytes, offset
        Length of that memory, and where in it the buffer starts, in bytes. None where the
        owner does not say.
    alignment
        The largest power of two, up to 4096, that divides the pointer.
    memory
        ``"host"``, ``"pinned"``, ``"device"``, ``"managed"``, or ``"unknown"``.
    pending
        Whether the copy that fills it is still under way on the device.
    fitting
        The types of `zstore.inspection.LENSES` that start at this pointer without a copy
        and leave no bytes at the end.
    """

    device: str
    pointer: int
    nbytes: int
    readonly: bool
    owner: str
    owner_nbytes: int | None
    offset: int | None
    alignment: int
    memory: str
    pending: bool
    fitting: tuple[str, ...]

    @property
    def is_view(self) -> bool:
        """Whether it is a part of a larger piece of memory."""
        # Pools of device memory round up.
        rounding = 1 if self.device == "cpu" else _ROUNDING_NBYTES
        return self.owner_nbytes is not None and self.owner_nbytes - self.nbytes >= rounding


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One CUDA device.

    Attributes
    ----------
    device, name
        ``"cuda:0"`` and so on, and what its maker calls it.
    total_nbytes, free_nbytes
        Memory of the whole card, what other programs use included.
    compute_capability, pci, multiprocessors, l2_nbytes
        Of the hardware.
    driver, runtime, cupy
        Versions.
    utilisation, temperature, process_nbytes
        Busy share in percent, degrees Celsius and memory of this process; None where
        ``missing`` says why.
    missing
        Why a figure is None, by its name.
    """

    device: str
    name: str
    total_nbytes: int
    free_nbytes: int
    compute_capability: str
    pci: str
    multiprocessors: int
    l2_nbytes: int
    driver: str | None
    runtime: str | None
    cupy: str | None
    utilisation: int | None = None
    temperature: int | None = None
    process_nbytes: int | None = None
    missing: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class PoolInfo:
    """The memory that a store, or the whole process, holds on a device.

    Attributes
    ----------
    device, kind
        Which device, and what allocates: ``"pool of the store"``, ``"pool of CuPy"`` ...
    used_nbytes, total_nbytes
        Given out, and reserved on the device. What is reserved and not given out waits to
        be used again.
    free_blocks
        Pieces that wait.
    limit_nbytes
        The most that the pool may reserve; None without a limit.
    pinned_nbytes
        Host memory that the copies to and from this device pass through.
    payload_nbytes
        Bytes of the values; None without a store.
    slabs, dead_nbytes
        Pieces of memory that several values share, and bytes in them that no value uses
        any more.
    """

    device: str
    kind: str
    used_nbytes: int
    total_nbytes: int
    free_blocks: int
    limit_nbytes: int | None
    pinned_nbytes: int
    payload_nbytes: int | None = None
    slabs: int = 0
    dead_nbytes: int = 0

    @property
    def overhead_nbytes(self) -> int | None:
        """Bytes given out beyond those of the values: rounding, padding, dead bytes."""
        if self.payload_nbytes is None:
            return None
        return max(0, self.used_nbytes - self.payload_nbytes)


@dataclass(frozen=True, slots=True)
class Resident:
    """One value in a region: its key, and where it lies, in bytes from the start."""

    key: str
    offset: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Region:
    """One piece of memory and the values in it.

    Attributes
    ----------
    device, pointer, nbytes
        Where it is and how long.
    live_nbytes
        Bytes that values use; values that share bytes count once.
    residents
        The values in the order of their addresses.
    """

    device: str
    pointer: int
    nbytes: int
    live_nbytes: int
    residents: tuple[Resident, ...]

    @property
    def is_slab(self) -> bool:
        """Whether more than one value lies in it, or did."""
        return len(self.residents) > 1 or self.live_nbytes < self.nbytes

    @property
    def dead_nbytes(self) -> int:
        """Bytes that no value uses: of deleted values, and padding between values."""
        return self.nbytes - self.live_nbytes


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """Where the values of a store lie in memory.

    Attributes
    ----------
    regions
        The largest first.
    nvalues, nbytes
        Of all values of the store.
    region_nbytes
        Of all regions; beyond `nbytes` it is padding and dead bytes.
    complete
        Whether `regions` are all there are.
    """

    regions: tuple[Region, ...]
    nvalues: int
    nbytes: int
    region_nbytes: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Statistics:
    """The values of a buffer, seen as numbers of one type.

    Attributes
    ----------
    dtype
        As in `values`.
    count, counted
        How many values there are, and how many were counted so far.
    nan, infinite, zeros
        How many are not a number, infinite, zero.
    minimum, maximum, mean
        Of the finite values; None if there is none. Of complex numbers: of the magnitude.
    histogram
        Counts of the finite values in bins of equal width; empty until all were counted.
    rest
        Bytes at the end that fill no value.
    device_nbytes
        Bytes that were read where the buffer lies; those of a misaligned one that were
        copied there first are counted once.
    host_nbytes
        Bytes that were copied from the device to count; 0 of a buffer on the host.
    seconds
        Spent on it so far, waiting included.
    """

    dtype: str
    count: int
    counted: int
    nan: int = 0
    infinite: int = 0
    zeros: int = 0
    minimum: float | int | None = None
    maximum: float | int | None = None
    mean: float | None = None
    histogram: list[int] = field(default_factory=list[int])
    rest: int = 0
    device_nbytes: int = 0
    host_nbytes: int = 0
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every value was counted, and the histogram made."""
        return self.counted == self.count and (bool(self.histogram) or self.mean is None)
