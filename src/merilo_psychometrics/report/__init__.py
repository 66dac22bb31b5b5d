"""The report: one HTML file with pictures and a table beside each, for a reader without code."""

from .building import write_report

__all__ = ["write_report"]
