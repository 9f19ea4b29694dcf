"""The pages that engineers use."""

from __future__ import annotations

from django.urls import path, register_converter

from console.converters import VersionConverter
from console.views.audit import audit
from console.views.data import data, data_export, data_figures, data_import
from console.views.explorer import explore_member, explore_startup, explorer
from console.views.jobs import job_dataset, job_log, job_page, job_part, job_stop
from console.views.model_acts import activate, rollback, validate
from console.views.overview import overview, overview_online
from console.views.training import training, training_begin
from console.views.versions import picture, version_page, versions

register_converter(VersionConverter, "version")

app_name = "console"
urlpatterns = [
    path("", overview, name="overview"),
    path("online/", overview_online, name="overview_online"),
    path("models/", versions, name="models"),
    path("models/rollback/", rollback, name="rollback"),
    path("models/<version:version>/", version_page, name="version"),
    path("models/<version:version>/validate/", validate, name="validate"),
    path("models/<version:version>/activate/", activate, name="activate"),
    path("models/<version:version>/<slug:name>.png", picture, name="picture"),
    path("training/", training, name="training"),
    path("training/start/", training_begin, name="training_begin"),
    path("jobs/<uuid:job_id>/", job_page, name="job"),
    path("jobs/<uuid:job_id>/part/", job_part, name="job_part"),
    path("jobs/<uuid:job_id>/log/", job_log, name="job_log"),
    path("jobs/<uuid:job_id>/cancel/", job_stop, name="job_stop"),
    path("jobs/<uuid:job_id>/dataset/<slug:part>/", job_dataset, name="job_dataset"),
    path("explorer/", explorer, name="explorer"),
    path("explorer/members/<uuid:user_id>/", explore_member, name="explore_member"),
    path("explorer/startups/<uuid:startup_id>/", explore_startup, name="explore_startup"),
    path("data/", data, name="data"),
    path("data/figures/", data_figures, name="data_figures"),
    path("data/import/", data_import, name="data_import"),
    path("data/events/", data_export, name="data_export"),
    path("audit/", audit, name="audit"),
]
