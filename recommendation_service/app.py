"""The recommendation service as a Flask application, wired together.

python app.py                                               serve on SERVICE_HOST:SERVICE_PORT
granian --interface wsgi --factory recommendation_service.app:create_app --port 5001
                                                            the same, with the server's own options
"""

from __future__ import annotations

import os
import socket
import sys

import torch
from flask import Flask
from threadpoolctl import threadpool_limits

from recommendation_service.adapters.database_engine import DatabaseUrlError
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.engines.errors import ConfigError
from recommendation_service.http_api.problems import register_problems
from recommendation_service.http_api.request_ids import register_request_ids
from recommendation_service.http_api.routes import api_blueprint, operations_blueprint
from recommendation_service.logging_setup import configure_logging
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.registered_models import RegisteredModels
from recommendation_service.settings import Settings, read_settings

MAX_BODY_BYTES = 1_000_000


def create_app(settings: Settings | None = None) -> Flask:
    """The application with a running service.

    Raises:
        DatabaseUrlError: If DATABASE_URL names no database the service can read.
        ConfigError: If settings do not go together.
    """
    configure_logging()
    # Requests are the parallelism: threads of one small matrix product only wait for each other.
    torch.set_num_threads(1)
    threadpool_limits(limits=1, user_api="blas")
    service = build_service(settings or read_settings())
    service.start()
    return build_app(service)


def build_service(settings: Settings) -> RecommendationService:
    """The service over the database and the models that the settings name; not started."""
    database = SqlPlatformDatabase(
        settings.database_url,
        request_timeout_seconds=settings.database_timeout_seconds,
        pool_size=settings.database_pool_size,
    )
    return RecommendationService(
        database,
        enable_two_tower=settings.enable_two_tower,
        models=RegisteredModels(settings.models_dir),
        options=settings.serving_options(),
    )


def build_app(service: RecommendationService) -> Flask:
    """The routes over a service."""
    app = Flask("recommendation_service", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    register_request_ids(app)
    app.register_blueprint(api_blueprint(service))
    app.register_blueprint(operations_blueprint(service))
    register_problems(app)
    return app


def main() -> int:
    """Serve until interrupted; a setting that cannot be used ends in one sentence and status 2."""
    try:
        settings = read_settings()
        build_service(settings)
        require_free_port(settings)
    except (ConfigError, DatabaseUrlError, OSError) as error:
        sys.stderr.write(f"the recommendation service cannot start: {error}\n")
        return 2
    serve(settings)
    return 0


def require_free_port(settings: Settings) -> None:
    """Find out before the server starts its workers.

    Raises:
        OSError: If the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.service_host else socket.AF_INET
    try:
        with socket.create_server((settings.service_host, settings.service_port), family=family):
            pass
    except OSError as error:
        address = f"{settings.service_host}:{settings.service_port}"
        raise OSError(
            f"cannot listen on {address} ({os.strerror(error.errno or 0)}); set SERVICE_HOST or SERVICE_PORT to another"
        ) from error


def serve(settings: Settings) -> None:
    """Run granian with one worker, which makes its own application: threads do not survive a fork."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "recommendation_service.app:create_app",
        interface=Interfaces.WSGI,
        address=settings.service_host,
        port=settings.service_port,
        workers=1,
        blocking_threads=settings.threads,
        websockets=False,
    ).serve(target_loader=create_app, wrap_loader=False)


if __name__ == "__main__":
    raise SystemExit(main())
