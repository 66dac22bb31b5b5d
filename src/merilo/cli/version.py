"""`merilo version`."""

from __future__ import annotations

import argparse
import platform

import merilo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    """Print the version of Merilo and of Python."""
    print(f"Мерило {merilo.__version__}, Python {platform.python_version()}")
    return 0
