"""All settings. Places differ only by environment variables; `.env.example` lists every one.

`ZONA_MODE=embedded` (the default) needs nothing beside Python: SQLite, file cache and file broker
live under `ZONA_VAR`. `ZONA_MODE=production` asks for its servers by name and refuses to start
without them. Tests run as embedded, on a database of their own.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from zona.logging import LEVELS, logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

env = environ.Env()
if not TESTING:
    env.read_env(BASE_DIR / ".env")


def fault(name: str, hint: str) -> ImproperlyConfigured:
    """Return the error that stops the start: the variable's name and what to do about it."""
    return ImproperlyConfigured(f"{name}: {hint} (.env.example explains every variable)")


def read(name: str, cast: str, default, hint: str):
    """Return an environment variable as a value of kind ``cast``, or stop with its name.

    A blank one counts as not set.
    """
    if not env.str(name, default="").strip():
        return default
    try:
        return getattr(env, cast)(name)
    except (ValueError, ImproperlyConfigured) as error:
        raise fault(name, f"cannot be read as {cast}; {hint}") from error


def required(name: str, hint: str) -> str:
    """Return what production cannot start without."""
    value = env.str(name, default="").strip()
    if not value:
        raise fault(name, f"is missing and ZONA_MODE=production needs it; {hint}")
    return value


# Mode and places ----------------------------------------------------------------------------

ZONA_MODE = "embedded" if TESTING else env.str("ZONA_MODE", default="") or "embedded"
if ZONA_MODE not in ("embedded", "production"):
    raise fault("ZONA_MODE", f"must be embedded or production, not {ZONA_MODE!r}")
PRODUCTION = ZONA_MODE == "production"

if TESTING:
    # Each test process writes in its own folder, removed when it ends.
    VAR = Path(tempfile.mkdtemp(prefix="zona-test-"))
    atexit.register(shutil.rmtree, VAR, ignore_errors=True)
else:
    VAR = Path(env.str("ZONA_VAR", default="") or BASE_DIR / "var").resolve()

DEBUG = not TESTING and read("DEBUG", "bool", False, "use true or false")
if DEBUG and PRODUCTION:
    raise fault("DEBUG", "must be off when ZONA_MODE=production; it shows the code to visitors")

# Demo data are invented: pages say so, and the login page lets anyone in as a demo person.
ZONA_DEMO = not TESTING and read("ZONA_DEMO", "bool", not PRODUCTION, "use true or false")
if ZONA_DEMO and PRODUCTION:
    raise fault("ZONA_DEMO", "must be off when ZONA_MODE=production; demo people need no password")

if PRODUCTION:
    SECRET_KEY = required(
        "SECRET_KEY",
        "make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'",
    )
    ALLOWED_HOSTS = [
        host.strip()
        for host in required(
            "ALLOWED_HOSTS", "give the host names of this site, e.g. zona.example.go.id"
        ).split(",")
    ]
else:
    # bin/serve keeps a key in .env; a bare command without one gets a key for its own lifetime.
    SECRET_KEY = env.str("SECRET_KEY", default="") or get_random_secret_key()
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]

CSRF_TRUSTED_ORIGINS = read(
    "CSRF_TRUSTED_ORIGINS", "list", [], "give addresses such as https://zona.example.go.id"
)

# Apps ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "zona",
    "units",
    "surveys",
    "assessments",
    "assistance",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "lucide",
]

MIDDLEWARE = [
    "zona.middleware.HealthMiddleware",
    "zona.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zona.middleware.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "zona.second_factor.SecondFactorMiddleware",
    "zona.middleware.PeriodClosedMiddleware",
]

ROOT_URLCONF = "zona.urls"
WSGI_APPLICATION = "zona.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zona.context.site",
                "zona.menu.shell",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database -----------------------------------------------------------------------------------
# No ATOMIC_REQUESTS: under IMMEDIATE a page that only reads would wait for every writer.

# Tests share their machine with much other work: a writer may wait longer for its turn there.
SQLITE_OPTIONS = {
    "timeout": 120 if TESTING else 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        f"PRAGMA synchronous={'OFF' if TESTING else 'NORMAL'};"
        "PRAGMA temp_store=MEMORY;"
        "PRAGMA cache_size=-16000;"
        # REPLACE deletes rows; without this it would pass the triggers that refuse deletion.
        "PRAGMA recursive_triggers=ON;"
    ),
}


def database(name: str, url: str) -> dict:
    """Return Django's entry for a database address, or stop with the variable's name."""
    try:
        entry = environ.Env.db_url_config(url)
    except (ValueError, ImproperlyConfigured) as error:
        raise fault(name, "must look like postgres://user:password@host:5432/name") from error
    if entry.get("ENGINE") != "django.db.backends.postgresql":
        raise fault(name, "must begin with postgres://; SQLite is for ZONA_MODE=embedded")
    return entry | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


# Runs beside each other on one server keep apart by their name and process.
TEST_RUN = f"{env.str('ZONA_TEST_RUN', default='') or 'local'}_{os.getpid()}"
TEST_DATABASE_URL = env.str("TEST_DATABASE_URL", default="") if TESTING else ""
if PRODUCTION:
    DATABASES = {
        "default": database(
            "DATABASE_URL",
            required("DATABASE_URL", "e.g. postgres://zona:password@localhost:5432/zona"),
        )
    }
elif TEST_DATABASE_URL:
    DATABASES = {"default": database("TEST_DATABASE_URL", TEST_DATABASE_URL)}
    DATABASES["default"]["TEST"] = {"NAME": f"test_zona_{TEST_RUN}"}
    DATABASES["default"]["CONN_MAX_AGE"] = 0
else:
    VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / "zona.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
            # A file, not memory: tests with threads then lock as the product does.
            "TEST": {"NAME": VAR / "test.sqlite3"},
        }
    }

# Cache and jobs -----------------------------------------------------------------------------

if PRODUCTION:
    REDIS_URL = required("REDIS_URL", "e.g. redis://localhost:6379/0")
else:
    REDIS_URL = env.str("TEST_REDIS_URL", default="") if TESTING else ""
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise fault("REDIS_URL", "must begin with redis://, rediss:// or unix://")

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": f"zona-test-{TEST_RUN}" if TESTING else "zona",
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{CACHES['default']['KEY_PREFIX']}-"}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }
    CELERY_BROKER_URL = "filesystem://localhost//"
    # In and out are one folder, so that web and worker meet. Read messages go to a folder of
    # ours; the sweep empties it.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "broker" / "queue"),
        "data_folder_out": str(VAR / "broker" / "queue"),
        "control_folder": str(VAR / "broker" / "control"),
        "processed_folder": str(VAR / "broker" / "processed"),
        "store_processed": True,
        "polling_interval": 0.2,
    }

if not REDIS_URL:
    for folder in ("queue", "control", "processed"):
        (VAR / "broker" / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
(VAR / "beat").mkdir(mode=0o700, parents=True, exist_ok=True)

CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = False  # the Job row is the queue; a lost message is found by the sweep
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat" / "schedule")
CELERY_BEAT_SCHEDULE = {"sweep-jobs": {"task": "zona.sweep_jobs", "schedule": 60.0}}

# Language and time --------------------------------------------------------------------------
# No LocaleMiddleware: only the public survey speaks English, and it chooses by itself.

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["zona.formats"]
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True
CELERY_TIMEZONE = TIME_ZONE

# Files --------------------------------------------------------------------------------------
# Evidence is never served by address: MEDIA_ROOT lies outside STATIC_ROOT and has no URL.

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "zona.finders.BootstrapFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_ROOT = VAR / "media"
MEDIA_URL = ""
FILE_UPLOAD_TEMP_DIR = VAR / "upload"
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# Pictures of documents' pages; they can always be made again.
PREVIEWS = VAR / "previews"
# Names of stored files whose rows are not committed yet; see zona/files.py.
PENDING_FILES = VAR / "pending"

# Plain names while somebody edits the files; hashed and compressed ones when they are served.
STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if TESTING or DEBUG
    else "zona.static_storage.ModuleManifestStorage"
)
STORAGES = {
    "default": {"BACKEND": "zona.files.DurableStorage"},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING or DEBUG

# One piece of evidence, in MiB, and all of one unit's evidence together, in MiB.
EVIDENCE_MAX_MIB = read("EVIDENCE_MAX_MIB", "int", 20, "give a whole number of MiB")
EVIDENCE_QUOTA_MIB = read("EVIDENCE_QUOTA_MIB", "int", 2048, "give a whole number of MiB")
# Files in one request, and files that one person uploads within ten minutes.
EVIDENCE_FILES_PER_REQUEST = read("EVIDENCE_FILES_PER_REQUEST", "int", 20, "give a whole number")
EVIDENCE_UPLOADS_PER_WINDOW = read("EVIDENCE_UPLOADS_PER_WINDOW", "int", 300, "give a whole number")

# The virus scanner that every file passes; without an address files are not scanned.
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", default="").strip() if not TESTING else ""
if CLAMAV_ADDRESS and not CLAMAV_ADDRESS.startswith(("tcp://", "unix:///")):
    raise fault("CLAMAV_ADDRESS", "must look like tcp://host:3310 or unix:///run/clamd.sock")

# Whether the addresses of link evidence are looked up from this server.
LINK_CHECK = read("LINK_CHECK", "bool", PRODUCTION, "use true or false")

# Documents ----------------------------------------------------------------------------------

# Address of this site on paper (QR codes); without it the address of the request is printed.
SITE_URL = env.str("SITE_URL", default="").rstrip("/") if not TESTING else ""
# The letterhead's address line and town; the demo's ministry has invented ones.
LETTERHEAD_ADDRESS = env.str("LETTERHEAD_ADDRESS", default="") or (
    "Jalan Samudra Contoh Nomor 7, Kota Contoh 10000 · itjen@bahari.example" if ZONA_DEMO else ""
)
LETTERHEAD_PLACE = env.str("LETTERHEAD_PLACE", default="") or ("Kota Contoh" if ZONA_DEMO else "")

# People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "units.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "units.passwords.HouseWordValidator"},
]
if TESTING:
    # Hashing costs 0.4 s of CPU on purpose; the tests make hundreds of people.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "zona.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Zona] "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = read(
    "TRUSTED_PROXY_COUNT", "int", 0, "give the number of proxies before gunicorn"
)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Zona"
MFA_ADAPTER = "zona.second_factor.SecondFactorAdapter"
# Itjen's people and admins see every unit; in production they enter with a second factor.
MFA_REQUIRED = read("MFA_REQUIRED", "bool", PRODUCTION, "use true or false")

SOCIALACCOUNT_ADAPTER = "zona.accounts.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = {}
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="") if not TESTING else ""
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "sso",
                "name": read("OIDC_NAME", "str", "SSO", ""),
                "client_id": required("OIDC_CLIENT_ID", "OIDC_SERVER_URL is set"),
                "secret": required("OIDC_CLIENT_SECRET", "OIDC_SERVER_URL is set"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
    }
    # The ministry's own sign-on vouches for the address; only people on file can enter.
    SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

# A session ends after 30 minutes of rest and after 12 hours in any case.
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "zona_session"
CSRF_COOKIE_NAME = "zona_csrf"
CSRF_FAILURE_VIEW = "zona.failures.csrf_failure"

# Mail ---------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = read("MAIL_FROM", "str", "Zona <zona@localhost>", "")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
if PRODUCTION:
    EMAIL_HINT = "give an address such as smtp+tls://user:password@host:587"
    vars().update(
        read("EMAIL_URL", "email_url", env.email_url_config("smtp://localhost:25"), EMAIL_HINT)
    )
elif not TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR / "mail"

# The page behind the QR code of every paper; apps print its address without knowing whose it is.
DOCUMENT_VERIFY_URL = "assessments:document_verify"

# Safety -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = read("SSL_REDIRECT", "bool", True, "use true or false")
    SECURE_HSTS_SECONDS = read("HSTS_SECONDS", "int", 365 * 24 * 60 * 60, "give seconds")
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Preloading is a promise for the whole domain, which is not this application's to make.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Logs ---------------------------------------------------------------------------------------

LOG_LEVEL = read("LOG_LEVEL", "str", "INFO", "").upper()
if LOG_LEVEL not in LEVELS:
    raise fault("LOG_LEVEL", f"must be one of {', '.join(LEVELS)}")
LOGGING = logging_config(json_lines=PRODUCTION, level=LOG_LEVEL)
