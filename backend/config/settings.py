"""Django's settings, built from the environment."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from config.content_policy import STRICT
from config.database import database_settings
from config.environment import DEVELOPMENT_SECRET_KEY, REPOSITORY, read_environment
from contracts.access import DEVELOPMENT_KEY

ENVIRONMENT = read_environment()

DEBUG = not ENVIRONMENT.launchmatch_production
SECRET_KEY = ENVIRONMENT.secret_key
if ENVIRONMENT.launchmatch_production and SECRET_KEY == DEVELOPMENT_SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set; production needs one of its own, 50 random characters long")
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "startups",
    "interactions",
    "imports",
    "applications",
    "recommendations",
    "api",
    "console",
    "web",
]

MIDDLEWARE = [
    "config.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.response_headers.ResponseHeadersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.charset_refusal.CharsetRefusalMiddleware",
    "web.busy_database.BusyDatabaseMiddleware",
    "axes.middleware.AxesMiddleware",  # last, so that it answers in place of whoever refused a log-in
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": database_settings(ENVIRONMENT.database_url)}
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "web:login"
LOGIN_REDIRECT_URL = "web:feed"
LOGOUT_REDIRECT_URL = "web:login"

# Whoever fails too often is kept out for a while: this person from this address, so that nobody can lock others out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.lockout.attempted_name"
AXES_CLIENT_IP_CALLABLE = "config.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "web.errors.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

CONTENT_SECURITY_POLICY = {"DIRECTIVES": STRICT}
CSRF_COOKIE_HTTPONLY = True
SESSION_ENGINE = "accounts.session_store"
PASSWORD_RESET_TIMEOUT = 3600

CSRF_FAILURE_VIEW = "web.errors.stale_page"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
DATETIME_FORMAT = "Y-m-d H:i"
DATE_FORMAT = "Y-m-d"

FILE_UPLOAD_HANDLERS = [
    "config.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

MESSAGE_TAGS = {messages.INFO: "good", messages.SUCCESS: "good", messages.WARNING: "warn", messages.ERROR: "bad"}

STATIC_URL = "static/"
STATIC_ROOT = REPOSITORY / "backend" / "staticfiles"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.BoundedJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "60/min",
        "user": "600/min",
        "login": "10/min",
        "sign-up": "20/hour",
        "account": "20/hour",
    },
    "NUM_PROXIES": ENVIRONMENT.trusted_proxies,
    "EXCEPTION_HANDLER": "api.errors.problem_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Launchmatch platform API",
    "DESCRIPTION": "Startups, what members do to them, and what is recommended to whom.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "StartupType": "startups.models.StartupType.values",
        "InteractionType": "api.v1.interactions.TYPES",
        "StartupStatus": "startups.models.StartupStatus.values",
        "ApplicationStatus": "applications.states.ApplicationStatus.values",
        "InvitationStatus": "applications.states.InvitationStatus.values",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

EMAIL_TRANSPORT = "smtp" if ENVIRONMENT.email_host else "filebased" if ENVIRONMENT.email_dir else "console"
EMAIL_BACKEND = f"django.core.mail.backends.{EMAIL_TRANSPORT}.EmailBackend"
EMAIL_FILE_PATH = ENVIRONMENT.email_dir
EMAIL_HOST = ENVIRONMENT.email_host
EMAIL_PORT = ENVIRONMENT.email_port
EMAIL_HOST_USER = ENVIRONMENT.email_user
EMAIL_HOST_PASSWORD = ENVIRONMENT.email_password
EMAIL_USE_TLS = ENVIRONMENT.email_security == "starttls"
EMAIL_USE_SSL = ENVIRONMENT.email_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email_from

UNFOLD = {
    "SITE_TITLE": "Launchmatch",
    "SITE_HEADER": "Launchmatch",
    "SITE_SUBHEADER": "Records",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("web/icon.svg")},
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"config.request_log": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}

RECOMMENDATION_SERVICE_URL = str(ENVIRONMENT.recommendation_service_url).rstrip("/")
RECOMMENDATION_SERVICE_KEYS = ENVIRONMENT.recommendation_service_keys
if ENVIRONMENT.launchmatch_production and DEVELOPMENT_KEY in RECOMMENDATION_SERVICE_KEYS.values():
    raise ImproperlyConfigured(
        "RECOMMENDATION_SERVICE_KEYS is not set; production needs a key of its own, the same for both houses: "
        '{"2026-01": "48 random characters"}'
    )
RECOMMENDATION_SERVICE_TIMEOUT_SECONDS = ENVIRONMENT.recommendation_service_timeout_seconds
RECOMMENDATION_SERVICE_RETRY_SECONDS = ENVIRONMENT.recommendation_service_retry_seconds
MODELS_DIR = ENVIRONMENT.models_dir
JOBS_DIR = ENVIRONMENT.jobs_dir

PUBLISH_CHANGES = ENVIRONMENT.publish_changes

if ENVIRONMENT.launchmatch_production:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
if ENVIRONMENT.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
