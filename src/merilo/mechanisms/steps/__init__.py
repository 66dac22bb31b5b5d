"""Parts of actions on criteria and materials; each requires an open transaction."""

from . import editions, materials, secrets

__all__ = ["editions", "materials", "secrets"]
