"""The package of the widgets, as far as it is built."""

import subprocess
import sys

import zstore_widgets


def test_it_offers_nothing_yet():
    assert zstore_widgets.__all__ == []


def test_importing_it_imports_no_widget_library():
    code = "import sys, zstore_widgets; print({'ipywidgets', 'anywidget'} & {*sys.modules})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert out.stdout.strip() == b"set()"
