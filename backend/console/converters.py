"""The console's own kinds of address parts."""

from __future__ import annotations

from console.model_files.manifests import VERSION


class VersionConverter:
    """A version of the model, e.g. `two_tower_v3`: nothing else reaches a view, or a path."""

    regex = VERSION.pattern.replace("(", "(?:")

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value
