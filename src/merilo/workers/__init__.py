"""Background jobs and the clock. `run` works until a signal; `schedule` says what runs when."""

from __future__ import annotations


def run(concurrency: int = 2, *, wait: bool = True) -> None:
    """Work through the queue; jobs in hand are finished first. `wait=False`: until it is empty."""
    from django.core.management import call_command

    options = [f"--concurrency={concurrency}", "--shutdown-graceful-timeout=10"]
    if not wait:
        options.append("--one-shot")
    call_command("procrastinate", "worker", *options)
