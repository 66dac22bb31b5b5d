"""Criteria, cycles and materials, as each role may see them."""

from . import criteria, forms, scope

__all__ = ["criteria", "forms", "scope"]
