"""Between a request, its form, and what the services refuse of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent to a form: None when it is only looked at, and not when all of it is left empty."""
    return request.POST if request.method == "POST" else None


@contextmanager
def refusals_in(form: BaseForm, names: Mapping[str, str] | None = None) -> Iterator[None]:
    """Within this, a `ValidationError` is shown by the form instead of raised.

    Args:
        form: It is no longer valid afterwards.
        names: The form's names of fields that a record calls otherwise.
    """
    try:
        yield
    except ValidationError as error:
        for name, messages in _by_field(error).items():
            field = (names or {}).get(name, name)
            form.add_error(field if field in form.fields else None, list(messages))


def _by_field(error: ValidationError) -> Mapping[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
