import mmap
import sys

import numpy as np
import pytest

from zstore.buffer import cpu
from zstore.inspection import LENSES, buffer_info


async def test_facts_of_bytes_and_of_a_part_of_them():
    content = bytes(range(100))
    whole = await buffer_info(cpu.Buffer.from_bytes(content))
    part = await buffer_info(cpu.Buffer.from_bytes(content)[40:60])
    assert (whole.device, whole.nbytes, whole.owner, whole.readonly) == (
        "cpu", 100, "bytes", True,
    )  # fmt: skip
    assert not whole.is_view
    assert part.is_view
    assert (part.offset, part.nbytes, part.owner_nbytes) == (40, 20, 100)
    assert part.pointer == whole.pointer + 40
    assert (part.memory, part.pending) == ("host", False)


async def test_facts_of_an_array_are_those_of_numpy():
    array = np.arange(1000, dtype="f8")
    facts = await buffer_info(cpu.Buffer.from_bytes(array[100:200]))
    assert facts.pointer == array[100:].__array_interface__["data"][0]
    assert facts.nbytes == 800
    assert facts.pointer % facts.alignment == 0
    assert facts.alignment >= 8


async def test_facts_of_an_empty_buffer():
    facts = await buffer_info(cpu.Buffer.create_zero_length())
    assert (facts.nbytes, facts.pointer, facts.is_view) == (0, 0, False)


@pytest.mark.parametrize("start", range(17))
@pytest.mark.parametrize("nbytes", [1, 6, 8, 24, 32, 48])
async def test_fitting_types_are_those_that_need_no_copy_and_leave_no_rest(
    start: int, nbytes: int
):
    part = cpu.Buffer.from_bytes(np.zeros(64, "c16"))[start : start + nbytes]
    facts = await buffer_info(part)
    for name in LENSES:
        size = np.dtype(name).itemsize
        assert (name in facts.fitting) == (start % size == nbytes % size == 0), name


async def test_a_mapped_file_is_named_as_what_holds_it():
    with mmap.mmap(-1, 8192) as mapped:
        facts = await buffer_info(cpu.Buffer.from_bytes(mapped)[4096:5000])
        assert (facts.owner, facts.offset, facts.alignment) == ("mmap", 4096, 4096)


async def test_memory_that_cupy_pinned_is_told_by_its_class():
    class PinnedMemoryPointer(bytearray):
        """As it is called in CuPy."""

    pinned = np.frombuffer(PinnedMemoryPointer(64), np.uint8)
    facts = await buffer_info(cpu.Buffer.from_bytes(pinned[8:]))
    assert facts.memory == "pinned"


def test_nothing_of_a_device_is_imported():
    assert "cupy" not in sys.modules
