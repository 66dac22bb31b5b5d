"""Settings. Everything about servers comes from the environment; see .env.example."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from merilo.foundation import languages

HERE = Path(__file__).resolve().parent
MERILO_HOME = Path(os.environ.get("MERILO_HOME") or HERE.parent.parent / ".merilo")
TESTING = "pytest" in sys.modules


def env_bool(name: str, default: str) -> bool:
    value = os.environ.get(name, default)
    if value not in ("True", "False"):
        raise ImproperlyConfigured(f"{name}={value!r}: write True or False")
    return value == "True"


def env_count(name: str, default: str) -> int:
    value = os.environ.get(name) or default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number, 0 for no limit")
    return int(value)


def secret(name: str) -> str:
    """A secret from the environment, from the file NAME_FILE, or from MERILO_HOME/secrets."""
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE") or MERILO_HOME / "secrets" / name.lower())
    if path.exists():
        return path.read_text().strip()
    if TESTING:
        return "only-for-tests-only-for-tests-only-for-tests-00"
    raise ImproperlyConfigured(f"{name} is not set: give it, or {name}_FILE, or start by `merilo`")


def database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    if not TESTING and env_bool("MERILO_POOL", "True"):
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5}
    if env_bool("MERILO_PREPARED", "True"):  # off behind a pooler that cannot keep statements
        options |= {"server_side_binding": True, "prepare_threshold": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": options.pop("port", None) or parts.port or "",
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{os.environ.get('MERILO_TEST_DB_NAME', 'merilo')}"},
    }


def _database_url() -> str:
    if url := os.environ.get("DATABASE_URL"):
        return url
    from merilo.foundation import postgres

    return postgres.default_url()


DEBUG = env_bool("MERILO_DEBUG", "False")
DEMO = env_bool("MERILO_DEMO", "False")
SECRET_KEY = secret("MERILO_SECRET_KEY")
FILES_KEY = secret("MERILO_FILES_KEY")
ALLOWED_HOSTS = os.environ.get("MERILO_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("MERILO_ORIGINS", "").split(",") if o]
PUBLIC_URL = os.environ.get("MERILO_PUBLIC_URL", "http://localhost:8000")

if DEMO:
    # The sign-in page of a demonstration offers its people; a real region has none to offer.
    from merilo.demo.accounts import ACCOUNTS as DEMO_ACCOUNTS  # noqa: F401

# The region: which law, whose time.
PROFILE = os.environ.get("MERILO_PROFILE", "primorye-2025")
TIME_ZONE = os.environ.get("MERILO_TIME_ZONE", "Asia/Vladivostok")

DATABASES = {"default": database(_database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "registry.Account"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_cotton",
    "csp",
    "pgtrigger",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "merilo.foundation.journal",
    "merilo.foundation.files",
    "merilo.foundation.codes",
    "merilo.foundation.limits",
    "merilo.registry",
    "merilo.casework",
    "merilo.admissions",
    "merilo.materials",
    "merilo.booking",
    "merilo.testday",
    "merilo.grading",
    "merilo.results",
    "merilo.mechanisms",
    "merilo.web",
    "merilo.workers",
    "merilo.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "merilo.web.routes.ViewerMiddleware",
]

ROOT_URLCONF = "merilo.urls"
WSGI_APPLICATION = "merilo.wsgi.application"
FORM_RENDERER = "merilo.web.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "merilo.web.templatetags.literals",
                "merilo.web.templatetags.merilo",
                "merilo.web.templatetags.fields",
                "merilo.web.templatetags.rows",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "merilo.web.context.shell",
            ],
        },
    }
]

LANGUAGE_CODE = "ru"
# The region's own catalogues come first: they may add a language or put a phrase better.
LOCALE_PATHS = (
    [Path(os.environ["MERILO_LOCALE_DIR"])] if os.environ.get("MERILO_LOCALE_DIR") else []
)
LOCALE_PATHS.append(HERE / "locale")
LANGUAGES = languages.found_in(LOCALE_PATHS)
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = MERILO_HOME / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644},  # a web server of its own may read them
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
FILES_ROOT = Path(os.environ.get("MERILO_FILES") or MERILO_HOME / "files")
MEDIA_ROOT = FILES_ROOT
UPLOAD_LIMIT_BYTES = int(os.environ.get("MERILO_UPLOAD_LIMIT_MB", "20")) * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
FILE_UPLOAD_PERMISSIONS = 0o600

# Certificates trusted besides the machine's own when links of the materials are visited.
VISITS_TRUST = os.environ.get("MERILO_VISITS_TRUST", "")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache"
        if TESTING
        else "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_table",
    }
}

# Calls of the programming interface in a minute; 0 takes the limit off.
API_CALLS_A_MINUTE = env_count("MERILO_API_CALLS_A_MINUTE", "600")  # of one token
API_BAD_TOKENS_A_MINUTE = env_count("MERILO_API_BAD_TOKENS_A_MINUTE", "30")  # from one address

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_COOKIES = env_bool("MERILO_HTTPS", "False")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "merilo.web.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Мерило"

EMAIL_BACKEND = os.environ.get(
    "MERILO_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = MERILO_HOME / "mailbox"
if os.environ.get("MERILO_SMTP_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = os.environ["MERILO_SMTP_HOST"]
    EMAIL_PORT = int(os.environ.get("MERILO_SMTP_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("MERILO_SMTP_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("MERILO_SMTP_PASSWORD", "")
    EMAIL_USE_TLS = env_bool("MERILO_SMTP_TLS", "True")
EMAIL_TIMEOUT = 20  # seconds: a silent server is a failure that is tried again, not a wait
DEFAULT_FROM_EMAIL = os.environ.get("MERILO_MAIL_FROM", "merilo@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("MERILO_LOG_LEVEL", "WARNING")},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_IMPORT_PATHS = ["merilo.workers.tasks"]
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
