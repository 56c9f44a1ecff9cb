"""What every view is: a widget that asks nothing, answers requests, and keeps a still."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from zstore._compat import override
from zstore_widgets.channel import Channel, Job, request
from zstore_widgets.channel.job import Blob
from zstore_widgets.unattended import Bundle, LastState, SilentComm, is_unattended

__all__ = ["View", "front_end"]

_STATIC = Path(__file__).parent / "static"
_MAX_STILL = 64 * 1024


def front_end(name: str) -> tuple[Path, Path]:
    """Return the module and the style sheet of a view, made from ``src/views``."""
    return _STATIC / f"{name}.js", _STATIC / f"{name}.css"


class View(anywidget.AnyWidget):
    """A widget of zstore: read-only traits, requests, and a form without JavaScript.

    Parameters
    ----------
    title
        What is shown, for the header of the view.
    handlers
        Objects whose methods, marked by `zstore_widgets.channel.request`, the front end
        may call.
    height
        Height in pixels.

    Attributes
    ----------
    last_error
        The error of the last request that failed, with its traceback; None before.
    """

    comm: Any
    view = traitlets.Unicode(read_only=True).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(420, min=120, max=4000).tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)

    _channel: Channel | None = None

    def __init__(
        self, title: str, handlers: Iterable[object] = (), *, height: int = 420
    ) -> None:
        self.last_error: Exception | None = None
        self._channel = Channel(self._post, [self, *handlers], on_error=self._keep_error)
        self._last_state = LastState(self._look)
        self.set_trait("view", type(self).__name__)
        # Until it is shown: to look may take time.
        still = f"{type(self).__name__}({title})"
        super().__init__(title=title, height=height, still=still)

    @request
    async def hello(self, job: Job) -> str:  # noqa: ARG002 -- as all requests have
        """Answer that the kernel is there."""
        return self.title

    def text(self) -> str:
        """Return what the view shows as plain text, the same on every run."""
        return f"{type(self).__name__}({self.title})"

    def html(self) -> str:
        """Return what the view shows as HTML without scripts, styles and links.

        For places where no widget runs: GitHub, nbviewer, nbconvert, an untrusted
        notebook.
        """
        return f"<pre>{escape(self.text())}</pre>"

    @override
    def open(self) -> None:
        """Open the line to the page, which stays silent where there is none."""
        if is_unattended() and self.comm is None:
            self.comm = SilentComm("jupyter.widget")
        super().open()

    @override
    def close(self) -> None:
        """End the requests under way, and the view."""
        # None where the construction failed: Python closes such a widget too.
        if self._channel is not None:
            self._channel.close()
            self._last_state.close()
        super().close()

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title})"

    @override
    def _repr_mimebundle_(
        self, **kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        # The display of a store has these forms, and excludes them: a look takes time.
        is_known = {"text/plain", "text/html"} <= set(kwargs.get("exclude") or ())
        forms: Bundle = {} if is_known else self._look()
        if is_unattended():
            return dict(forms), {}
        if isinstance(self.comm, SilentComm):
            # Made by a program, and now asked for by a page.
            self.comm = None
            self.open()
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, **forms}, metadata

    def _ipython_display_(self) -> None:
        if self.comm is None or not is_unattended():
            # IPython goes on to `_repr_mimebundle_`.
            raise NotImplementedError
        self._last_state.show()

    def _look(self) -> Bundle:
        """Return the forms for places without a page; the text is the still, too."""
        forms = self._forms()
        self.still = forms["text/plain"]
        return forms

    def _forms(self) -> Bundle:
        """Return the text and the HTML; a view that asks a store for both does so once."""
        return {"text/plain": self.text(), "text/html": self.html()}

    @traitlets.validate("still")
    def _cut(self, proposal: Mapping[str, Any]) -> str:
        return str(proposal["value"])[:_MAX_STILL]

    @override
    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Change nothing: the front end asks by requests, and owns no trait."""

    @override
    def _handle_custom_msg(self, content: object, buffers: object) -> None:
        if self._channel is not None:
            self._channel.receive(content)

    def _post(self, message: dict[str, object], buffers: list[Blob]) -> None:
        # After `close` there is nobody to send to.
        if self.comm is not None:
            self.send(message, buffers)

    def _keep_error(self, error: Exception) -> None:
        self.last_error = error
