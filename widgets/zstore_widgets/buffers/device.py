"""The device below a view: whether there is one, and the figures of its memory."""

from dataclasses import asdict

from zstore import GpuMemoryStore, gpu
from zstore.buffer import Buffer
from zstore.buffer import gpu as gpu_buffer
from zstore.concurrency import run_in_thread
from zstore.display import sentence
from zstore.errors import ZStoreError
from zstore.gpu import GpuStatus, GpuUnavailable
from zstore.inspection import device_info, pool_info
from zstore_widgets.buffers.subject import HeldStore, device_number
from zstore_widgets.channel import Job, request

__all__ = ["DeviceRequests"]


class DeviceRequests:
    """Answers where the memory of a view is.

    Parameters
    ----------
    subject
        What the view shows.
    """

    def __init__(self, subject: Buffer | HeldStore) -> None:
        self._subject = subject
        self._place = "gpu" if _is_of_device(subject) else "cpu"

    @request
    async def device_status(self, job: Job, refresh: bool) -> dict[str, object]:
        """Say whether there is a GPU, and if not, why; of host memory too, as an aside.

        The first part says that it is being looked for: CuPy takes a second to import,
        and the first call to a device up to some seconds more.
        """
        await job.part(self._told("starting", GpuStatus("ready")))
        status = await run_in_thread(_look, refresh)
        number = device_number(self._subject)
        if not status.available or number is None:
            return self._told(status.state, status)
        await job.part(self._told("starting", status))
        try:
            await device_info(number)
        except GpuUnavailable as error:
            return self._failed(status, error.reason, error.hint)
        except (ZStoreError, OSError, RuntimeError) as error:
            return self._failed(status, sentence(error), "")
        return self._told("ready", status)

    @request
    async def device_figures(self, job: Job) -> dict[str, object]:  # noqa: ARG002 -- one answer
        """Return the figures of the card and of the pool; of host memory there are none."""
        number = device_number(self._subject)
        if number is None:
            return {"card": None, "pool": None}
        store = self._subject.inner if isinstance(self._subject, HeldStore) else None
        return {
            "card": asdict(await device_info(number)),
            "pool": asdict(await pool_info(store)),
        }

    def _failed(self, status: GpuStatus, reason: str, hint: str) -> dict[str, object]:
        return {**self._told("error", status), "reason": reason, "hint": hint}

    def _told(self, state: str, status: GpuStatus) -> dict[str, object]:
        number = device_number(self._subject)
        return {
            "place": self._place,
            "device": "cpu" if self._place == "cpu" else _device_name(number),
            "in_use": number is not None,
            "state": state,
            "text": "" if state == "starting" else str(status),
            "reason": status.reason,
            "hint": status.hint,
            "warnings": list(status.warnings),
        }


def _is_of_device(subject: Buffer | HeldStore) -> bool:
    memory = subject.inner if isinstance(subject, HeldStore) else subject
    return isinstance(memory, (GpuMemoryStore, gpu_buffer.Buffer))


def _device_name(number: int | None) -> str:
    return "gpu" if number is None else f"cuda:{number}"


def _look(refresh: bool) -> GpuStatus:
    return gpu.status(refresh=refresh)
