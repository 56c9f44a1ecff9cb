"""Copying values from one store to another."""

from zstore.copying.report import CopyProgress, CopyReport
from zstore.copying.running import IfExists, copy

__all__ = ["CopyProgress", "CopyReport", "IfExists", "copy"]
