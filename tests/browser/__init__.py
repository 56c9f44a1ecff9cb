"""The widgets in a real browser: on a bare page, and in JupyterLab."""
