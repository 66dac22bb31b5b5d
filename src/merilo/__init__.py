"""Мерило: a region assesses the quality of its education."""

__version__ = "0.1.0"
