"""Answers as a device would give them, for tests where there is none.

Written by hand in the shape of `zstore.gpu.status` and `zstore.inspection`. No GPU was
asked, and a test that uses them tests none; its name says "recorded".
"""

import pytest

from zstore.gpu import GpuStatus
from zstore.inspection import DeviceInfo, MemoryMap, PoolInfo, Region, Resident

__all__ = [
    "BROKEN",
    "CARD",
    "NO_CUPY",
    "NO_DEVICE",
    "POOL",
    "READY",
    "SLABS",
    "replayed",
]

MIB = 1024**2
GIB = 1024**3

NO_CUPY = GpuStatus(
    "no cupy",
    "cupy is not installed",
    "install CuPy: pip install 'zstore[gpu13]' (CUDA 13) or 'zstore[gpu12]' (CUDA 12)",
)
NO_DEVICE = GpuStatus(
    "no device",
    "cupy 14.2.0 found no CUDA device: CUDARuntimeError: cudaErrorInsufficientDriver: CUDA "
    "driver version is insufficient for CUDA runtime version",
    "CuPy needs an NVIDIA GPU and its driver; nvidia-smi shows what the system sees",
    "14.2.0",
)
BROKEN = GpuStatus(
    "error",
    "cupy 14.2.0 failed on the CUDA driver: CUDARuntimeError: cudaErrorIllegalAddress: an "
    "illegal memory access was encountered",
    "restart the process (in a notebook: the kernel)",
    "14.2.0",
)
READY = GpuStatus(
    "ready",
    cupy_version="14.2.0",
    driver="13.0",
    runtime="13.0",
    devices=("NVIDIA H200",),
    warnings=("two packages of CuPy are installed: cupy-cuda12x, cupy-cuda13x",),
)
CARD = DeviceInfo(
    device="cuda:0",
    name="NVIDIA H200",
    total_nbytes=140 * GIB,
    free_nbytes=79 * GIB,
    compute_capability="9.0",
    pci="0000:8d:00.0",
    multiprocessors=132,
    l2_nbytes=60 * MIB,
    driver="13.0",
    runtime="13.0",
    cupy="14.2.0",
)
POOL = PoolInfo(
    device="cuda:0",
    kind="pool of the store",
    used_nbytes=18 * GIB,
    total_nbytes=21 * GIB,
    free_blocks=12,
    limit_nbytes=64 * GIB,
    pinned_nbytes=64 * MIB,
    payload_nbytes=17 * GIB,
    slabs=2,
    dead_nbytes=20 * MIB,
)


def _slab(pointer: int, nbytes: int, residents: list[Resident]) -> Region:
    live = sum(resident.nbytes for resident in residents)
    return Region("cuda:0", pointer, nbytes, live, tuple(residents))


def _map() -> MemoryMap:
    tiles = [
        Resident(f"ocean/temp/c/0/{at}/0", at * MIB, 1_000_000 if at % 5 else 600_000)
        for at in range(64)
        if not 20 <= at < 36
    ]
    documents = [Resident(f"doc/{at:05}", at * 1024, 700) for at in range(20_000)]
    large = Region("cuda:0", 0x7F40_0000_0000, 12 * MIB, 12 * MIB, ())
    own = Resident("ocean/salt/c/0/0/0", 0, 12 * MIB)
    regions = (
        _slab(0x7F20_0000_0000, 64 * MIB, tiles),
        _slab(0x7F30_0000_0000, 32 * MIB, documents),
        Region("cuda:0", large.pointer, large.nbytes, large.live_nbytes, (own,)),
    )
    residents = [each for region in regions for each in region.residents]
    return MemoryMap(
        regions=regions,
        nvalues=len(residents),
        nbytes=sum(each.nbytes for each in residents),
        region_nbytes=sum(region.nbytes for region in regions),
        complete=True,
    )


SLABS = _map()


def replayed(
    monkeypatch: pytest.MonkeyPatch, status: GpuStatus, *, in_use: bool = False
) -> None:
    """Let widgets be told this status, and if a device is in use, of `CARD` and `POOL`."""

    async def card(_number: int | None = None) -> DeviceInfo:
        return CARD

    async def pool(_store: object = None) -> PoolInfo:
        return POOL

    monkeypatch.setattr("zstore.gpu.status", lambda *, refresh=False: status)  # noqa: ARG005 -- as the real one
    home = "zstore_widgets.buffers.device"
    monkeypatch.setattr(f"{home}.device_info", card)
    monkeypatch.setattr(f"{home}.pool_info", pool)
    if in_use:
        monkeypatch.setattr(f"{home}.device_number", lambda _subject: 0)
