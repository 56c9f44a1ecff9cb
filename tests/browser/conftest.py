"""Chromium for the tests of this folder, driven by Playwright."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.chromium import NO_CHROMIUM, chromium_path, launched, new_page
from tests.browser.host import Host
from tests.browser.lab import LabServer, run_all, use_theme
from tests.waiting import LONG
from zstore_widgets.view import View

SCREENSHOTS = Path(__file__).parents[1] / "widgets" / "screenshots"

Show = Callable[..., Page]
RunNotebook = Callable[..., Page]
Report = Callable[[str, str], None]
Screenshot = Callable[[Page, str], None]

FIGURES = pytest.StashKey[dict[str, str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests more time than others: a page may wait a minute for each step."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(autouse=True)
def no_blocking_calls() -> None:
    """Let these tests wait: Playwright keeps an event loop running in their thread."""


# For the package and not for the session: Playwright keeps an event loop running in this
# thread, where the asynchronous tests of other packages could not start theirs.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser."""
    expect.set_options(timeout=LONG * 1000)
    path = chromium_path()
    if path is None:
        pytest.fail(f"the browser tests cannot run. {NO_CHROMIUM}", pytrace=False)
    with launched(path) as browser:
        yield browser


@pytest.fixture(scope="package")
def host() -> Iterator[Host]:
    """The server of the bare page."""
    server = Host()
    yield server
    server.close()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory, report: Report) -> Iterator[LabServer]:
    """JupyterLab, once for all the tests of this folder."""
    server = LabServer(tmp_path_factory.mktemp("lab") / "home")
    report("JupyterLab answers after", f"{server.seconds:.1f} s")
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="package")
def lab_page(chromium: Browser) -> Iterator[Page]:
    """The page of JupyterLab, loaded once: the tests open notebooks in it."""
    page = new_page(chromium)
    yield page
    page.context.close()


@pytest.fixture
def notebook(
    chromium: Browser, lab: LabServer, lab_page: Page, request: pytest.FixtureRequest
) -> Iterator[RunNotebook]:
    """Open a notebook of some cells and run them; at the end, close it.

    ``notebook(*cells, app="lab", run=True, file=None)`` returns the page; ``app`` may be
    "notebook" for Notebook 7, and ``file`` a notebook instead of cells. The notebooks of
    JupyterLab have one kernel, which starts each test without the names and widgets of
    the one before.
    """
    pages: list[tuple[Page, str]] = []
    problems: list[str] = []

    def keep_lab(error: Error) -> None:
        _keep_ours(problems, error, "lab")

    def open_notebook(
        *cells: str, app: str = "lab", run: bool = True, file: Path | None = None
    ) -> Page:
        name = f"{request.node.originalname}-{len(pages)}.ipynb"
        if file is None:
            lab.write(name, cells)
        else:
            lab.copy(file, name)
        page = lab_page if app == "lab" else new_page(chromium)
        pages.append((page, app))
        if page is not lab_page:
            page.on("pageerror", lambda error: _keep_ours(problems, error, app))
        lab.open(page, name, app=app)
        if run:
            run_all(page)
        return page

    lab_page.on("pageerror", keep_lab)
    try:
        yield open_notebook
    finally:
        for page, app in pages:
            lab.leave(page, app=app)
            if page is not lab_page:
                page.context.close()
        if (lab_page, "lab") in pages:
            use_theme(lab_page, "JupyterLab Light")
        lab_page.remove_listener("pageerror", keep_lab)
    assert problems == []


@pytest.fixture(scope="package")
def report(request: pytest.FixtureRequest) -> Report:
    """Have a figure printed at the end of the run: what it is, and the figure."""
    figures = request.config.stash.setdefault(FIGURES, {})

    def keep(what: str, figure: str) -> None:
        figures[what] = figure

    return keep


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the figures: a slow machine is no failure, and a number is not to be lost."""
    figures = config.stash.get(FIGURES, {})
    if figures:
        terminalreporter.section("figures of the browser tests")
        for what, figure in figures.items():
            terminalreporter.line(f"{what}: {figure}")


@pytest.fixture
def screenshot() -> Screenshot:
    """Keep a picture of the widget, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.locator(".zs").first.screenshot(path=SCREENSHOTS / f"{name}.png")

    return take


@pytest.fixture
def show(chromium: Browser, host: Host) -> Iterator[Show]:
    """Show a widget on a bare page; at the end, nothing may have gone wrong there.

    ``show(widget, width=1000, dark=False, patient=True)`` returns the page; one that is
    patient waits a minute for each answer of a slow machine, and not five seconds.
    """
    contexts, problems, widgets = [], [], []

    def open_page(
        widget: View, *, width: int = 1000, dark: bool = False, patient: bool = True
    ) -> Page:
        widgets.append(widget)
        if patient:
            assert widget._channel is not None
            widget._channel._patience = LONG
        host.show(widget)
        context = chromium.new_context(viewport={"width": width, "height": 760})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG * 1000)
        page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
        page.on("console", lambda said: _keep(problems, said))
        page.on("request", lambda asked: _keep_foreign(problems, asked.url, host.url))
        page.goto(f"{host.url}/?{'dark' if dark else 'light'}")
        page.wait_for_selector("body[data-shown=true]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    for widget in widgets:
        widget.close()
    assert problems == []


def _keep_ours(problems: list[str], error: Error, app: str) -> None:
    # Notebook 7 has errors of its own; the bundle of a widget is loaded from a blob.
    if app == "lab" or "blob:" in (error.stack or ""):
        problems.append(f"page error: {error}")


def _keep(problems: list[str], said) -> None:
    if said.type in {"error", "warning"}:
        problems.append(f"console {said.type}: {said.text}")


def _keep_foreign(problems: list[str], url: str, home: str) -> None:
    if not url.startswith((home, home.replace("http", "ws", 1), "data:", "blob:")):
        problems.append(f"a request left the page: {url}")
