"""Every route of the platform, found in the urlconf, and the addresses at which a planted platform answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern


def patterns(
    entries: list[URLPattern | URLResolver] | None = None, namespaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    """Each named route with its full name; one that is no path, as the admin's catch-all, has no page of its own."""
    for entry in get_resolver().url_patterns if entries is None else entries:
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from patterns(entry.url_patterns, inner)
        elif entry.name and isinstance(entry.pattern, RoutePattern):
            yield ":".join([*namespaces, entry.name]), entry


def addresses(values: Mapping[str, Any], objects: Mapping[str, Any]) -> dict[str, str]:
    """The address of each route by name, its parts filled from `values`; an admin page's object from `objects`."""
    return {name: _address(name, entry, values, objects) for name, entry in patterns()}


def _address(name: str, entry: URLPattern, values: Mapping[str, Any], objects: Mapping[str, Any]) -> str:
    parts = {}
    for part in entry.pattern.converters:
        known = _object_of(name, objects) if part == "object_id" else values.get(part)
        assert known is not None, (
            f"the route {name} needs a {part!r}, which no planted platform has: add it to `values` in planted.py"
        )
        parts[part] = known
    return reverse(name, kwargs=parts)


def _object_of(name: str, objects: Mapping[str, Any]) -> Any:
    """The key of the planted record that a page of the admin is about."""
    for model in admin.site._registry:
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return objects.get(model._meta.label, 0)
    return 0
