"""Criteria, cycles and materials, as each role may see them."""

from . import clusters, criteria, evidence, forms, results, scope

__all__ = ["clusters", "criteria", "evidence", "forms", "results", "scope"]
