"""How the console spells figures and model cards."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from console.model_files.cards import Figure
from recommendations.exposure import Rate

register = template.Library()

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


_GOOD = {"active", "done", "closed"}
_WARN = {"queued", "running", "cancelled", "refused", "half_open"}
_BAD = {"failed", "lost", "invalid", "open"}


@register.filter
def badge(state: str) -> str:
    """The stylesheet's class for a state of a version, a job, a breaker or an audit entry."""
    classes = {"badge-good": _GOOD, "badge-warn": _WARN, "badge-bad": _BAD}
    return next((name for name, states in classes.items() if state in states), "")


@register.filter
def percent(share: float) -> str:
    """`0.1234` as `12.3%`."""
    return f"{share:.1%}"


@register.filter
def number(value: float) -> str:
    """`1234567` as `1,234,567`."""
    return f"{value:,}"


@register.filter
def milliseconds(value: float) -> str:
    """Three significant digits are enough."""
    return f"{value:.3g}"


@register.filter
def score(value: float) -> str:
    """A score or a metric, in four digits."""
    return f"{value:.4f}"


@register.filter
def figure(value: Figure | None) -> SafeString | str:
    """A mean with its interval."""
    if value is None:
        return ""
    return format_html(
        '{} <span class="console-interval">{} to {}</span>',
        f"{value.mean:.4f}",
        f"{value.low:.4f}",
        f"{value.high:.4f}",
    )


@register.filter
def rate(value: Rate) -> SafeString | str:
    """A share with its interval: `12.3% 10.1% to 14.9%`."""
    if value.value is None or value.low is None or value.high is None:
        return ""
    share, low, high = (percent(part) for part in (value.value, value.low, value.high))
    return format_html('{} <span class="console-interval">{} to {}</span>', share, low, high)


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in the largest whole unit: `3 hours`."""
    if moment is None:
        return "never"
    return seconds((datetime.now(tz=UTC) - moment).total_seconds())


@register.filter
def seconds(value: float | None) -> str:
    """A span of seconds in the largest whole unit: `90` as `1 minute`, `12` as `12 seconds`."""
    if value is None:
        return "unknown"
    for size, unit in _UNITS:
        if value >= size:
            return _counted(int(value // size), unit)
    return _counted(max(int(value), 0), "second")


@register.filter
def inline(text: str) -> SafeString:
    """Markdown's `code` in a line of text; everything else is shown as it stands."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in parts)
    )


@register.filter
def metric(metrics: dict[str, float], name: str) -> str:
    """A metric of a manifest by its name, e.g. `recall@10`; empty where it was not measured."""
    return score(metrics[name]) if name in metrics else ""


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to go through."""
    return text.split()


@register.filter
def at_key(values: dict[str, object], key: str) -> object:
    """The value of a key that a template only knows by a variable."""
    return values[key]


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" + ("" if count == 1 else "s")
