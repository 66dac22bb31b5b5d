"""Criteria, cycles and materials, as each role may see them."""

from . import criteria, evidence, forms, results, scope

__all__ = ["criteria", "evidence", "forms", "results", "scope"]
