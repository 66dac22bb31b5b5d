"""The acts of the yearly run; each is one durable transaction."""

from .evidence import ask_to_visit, keep_exhibits, visit_address

__all__ = ["ask_to_visit", "keep_exhibits", "visit_address"]
