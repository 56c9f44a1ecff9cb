"""`zstore.sync` in scripts, forked children, patched loops and notebooks."""

import os
import sys

import pytest

from tests.scripts import run_script


class TestInAProcessOfItsOwn:
    def test_importing_starts_no_thread(self):
        run_script("""
            import threading, zstore.sync
            assert threading.active_count() == 1, threading.enumerate()
        """)

    def test_exits_quietly_with_a_listing_and_a_call_under_way(self):
        out = run_script("""
            import asyncio, threading
            from zstore import MemoryStore, sync
            store = sync.SyncStore(MemoryStore())
            store.set_many({f"k/{i}": b"x" for i in range(5000)})
            keys = store.list()
            print(next(keys))
            wait = lambda: sync.run(asyncio.sleep(60))
            threading.Thread(target=wait, daemon=True).start()
        """)
        assert out == "k/0\n"

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    def test_works_in_a_forked_child(self):
        out = run_script("""
            import os, sys, warnings
            warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads, 3.12
            from zstore import MemoryStore, sync
            store = sync.SyncStore(MemoryStore())
            store.set("a", b"value")
            keys = store.list()
            pid = os.fork()
            if pid == 0:
                assert store.get_bytes("a") == b"value"
                assert list(store.list()) == ["a"]
                sys.exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
            print(store.get_bytes("a").decode())
        """)
        assert out == "value\n"

    def test_works_in_a_running_loop(self):
        out = run_script("""
            import asyncio
            from zstore import MemoryStore, sync

            async def main():
                store = MemoryStore()
                await store.set("a", b"value")
                twin = sync.SyncStore(store)
                assert twin.get_bytes("a") == await store.get_bytes("a")
                assert [key async for key in store.list()] == list(twin.list()) == ["a"]
                print("works")

            asyncio.run(main())
        """)
        assert out == "works\n"

    @pytest.mark.parametrize("patched", ["first", "later"])
    def test_works_in_a_loop_that_nest_asyncio_has_patched(self, patched: str):
        pytest.importorskip("nest_asyncio")
        out = run_script(
            """
            import asyncio, sys, warnings
            warnings.simplefilter("ignore", DeprecationWarning)  # of nest_asyncio
            import nest_asyncio
            from zstore import MemoryStore, sync

            async def get(store):
                return await store.get_bytes("a")

            async def main():
                store = MemoryStore()
                twin = sync.SyncStore(store)
                if sys.argv[1] == "later":
                    twin.set("a", b"before")
                nest_asyncio.apply()
                await store.set("a", b"value")
                assert await get(store) == b"value"
                assert twin.get_bytes("a") == b"value"
                assert asyncio.run(get(store)) == b"value"
                assert asyncio.get_running_loop().run_until_complete(get(store)) == b"value"
                assert list(twin.list()) == ["a"]
                report = sync.copy(twin, MemoryStore(), on_progress=lambda _: None)
                assert report.nkeys == 1
                print("works")

            asyncio.run(main())
            """,
            patched,
        )
        assert out == "works\n"

    def test_ctrl_c_cancels_the_call(self):
        out = run_script("""
            import asyncio, os, signal, sys, threading, time
            from zstore import sync

            # A parent in the background may have had the signal ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)

            def interrupt():
                # The main thread may not wait for the call yet.
                while sys._current_frames()[main].f_code.co_name != "wait":
                    time.sleep(0.01)
                os.kill(os.getpid(), signal.SIGINT)

            main = threading.get_ident()

            async def slow():
                threading.Thread(target=interrupt).start()
                try:
                    await asyncio.sleep(3600)
                finally:
                    print("cancelled")

            try:
                sync.run(slow())
            except KeyboardInterrupt:
                print("interrupted")
            assert sync.run(asyncio.sleep(0, "goes on")) == "goes on"
        """)
        assert out == "cancelled\ninterrupted\n"


_INTERRUPTED = """
import asyncio, os, signal, sys, threading, time
def interrupt():
    while sys._current_frames()[main].f_code.co_name != 'wait':
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
main = threading.get_ident()
async def slow():
    threading.Thread(target=interrupt).start()
    await asyncio.sleep(3600)
try:
    sync.run(slow())
except KeyboardInterrupt:
    print('interrupted')
"""


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts by signal")
def test_works_in_a_notebook():
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient").NotebookClient
    cells = [
        "from zstore import MemoryStore, sync\nstore = MemoryStore()",
        "twin = sync.SyncStore(store)\ntwin.set('a', b'value')\nprint(twin.get_bytes('a'))",
        "print(await store.get_bytes('a'), list(twin.list()))",
        _INTERRUPTED,
        "print(sync.copy(twin, MemoryStore(), on_progress=print).nkeys)",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells]
    )
    client(notebook, timeout=120, startup_timeout=120, kernel_name="python3").execute()
    printed = ["".join(out.text for out in cell.outputs) for cell in notebook.cells]
    assert printed[1] == "b'value'\n"
    assert printed[2] == "b'value' ['a']\n"
    assert printed[3] == "interrupted\n"
    assert printed[4] == "CopyProgress(nkeys=1, nbytes=5, skipped=0)\n1\n"
