"""The quality of what comes in; data in and out."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from console.errors import JobRefusedError
from console.forms import ExportForm, ImportForm
from console.jobs.uploads import accepted_names, store
from console.models import AuditAction, AuditOutcome
from console.plots import LABEL_EVERY_DAYS, StackedBars, stacked_bars
from console.selectors.data_quality import Finding, are_counted, data_findings
from console.selectors.event_rates import DayRates, event_rates
from console.selectors.events_csv import events_csv
from console.selectors.jobs import job_current
from console.services.audit import audit_record
from console.services.jobs import import_start, jobs_notice_lost
from console.staff import staff_page
from contracts.interactions import InteractionType


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFigures:
    """What the page counts.

    Attributes:
        findings: What the data lacks.
        rates: Acts per day and type.
        kinds: The types, in the plot's order.
        plot: The rates as bars.
    """

    findings: list[Finding]
    rates: list[DayRates]
    kinds: list[str]
    plot: StackedBars


@require_safe
@staff_page
def data(request: HttpRequest, engineer: User) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """Findings, rates, import and export."""
    jobs_notice_lost()
    context = {
        "figures": _figures() if are_counted() else None,
        "import_form": ImportForm(),
        "current": job_current(),
    }
    return render(request, "console/data.html", context)


@require_safe
@staff_page
def data_figures(request: HttpRequest, engineer: User) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """The part that takes a moment to count: asked for by the page, or by a link where scripts are off."""
    figures = _figures()
    if not request.headers.get("HX-Request"):
        return redirect("console:data")
    return render(request, "console/partials/data_figures.html", {"figures": figures})


@require_POST
@staff_page
def data_import(request: HttpRequest, engineer: User) -> HttpResponse:
    """Bring uploaded tables in, as a job."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, f"Nothing was brought in. {form.sentence()}")
        return redirect("console:data")
    files = form.cleaned_data["tables"]
    try:
        names = accepted_names(form.cleaned_data["source"], files)
        job = import_start(
            actor=engineer, parameters=form.parameters(names=names), store=lambda folder: store(folder, names, files)
        )
    except JobRefusedError as error:
        messages.error(request, f"Nothing was brought in: {error}.")
        return redirect("console:data")
    return redirect("console:job", job.pk)


@require_POST
@staff_page
def data_export(request: HttpRequest, engineer: User) -> HttpResponseBase:
    """The latest events as CSV, streamed; taking them is written down."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing was exported. {form.sentence()}")
        return redirect("console:data")
    days = form.cleaned_data["days"]
    audit_record(
        actor=engineer, action=AuditAction.DATA_EXPORT, target=f"events of {days} days", outcome=AuditOutcome.DONE
    )
    answer = StreamingHttpResponse(events_csv(days=days), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="events.csv"'
    return answer


def _figures() -> DataFigures:
    rates, kinds = event_rates(), [kind.value for kind in InteractionType]
    plot = stacked_bars(
        labels=[f"{day.day:%-d %b}" for day in rates],
        series=kinds,
        values=[[day.counts[kind] for kind in kinds] for day in rates],
        every=LABEL_EVERY_DAYS,
    )
    return DataFigures(findings=data_findings(), rates=rates, kinds=kinds, plot=plot)
