"""Places differ by environment variables alone, and a wrong one stops the start by its name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "ZONA_MODE": "production",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopq",
    "DATABASE_URL": "postgres://zona:secret@db.example:5432/zona",
    "REDIS_URL": "redis://cache.example:6379/0",
    "ALLOWED_HOSTS": "zona.example.go.id, www.zona.example.go.id",
    "ZONA_DEMO": "",
}


def example_names() -> set[str]:
    """Return the variables that .env.example explains."""
    lines = (BASE_DIR / ".env.example").read_text().splitlines()
    return {line.split("=")[0] for line in lines if "=" in line and not line.startswith("#")}


def load(tmp_path, show: str = "''", **variables: str) -> subprocess.CompletedProcess:
    """Import the settings in a fresh process and print ``show``.

    A blank variable counts as not set, and hides what a .env on this machine says.
    """
    blank = dict.fromkeys(example_names(), "")
    place = {"PATH": os.environ["PATH"], "ZONA_VAR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", f"from zona import settings as s; print({show})"],
        cwd=BASE_DIR,
        env=blank | place | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_embedded_needs_no_variable_at_all(tmp_path):
    show = "s.ZONA_MODE, s.DATABASES['default']['ENGINE'], s.REDIS_URL, s.ZONA_DEMO, s.DEBUG"

    loaded = load(tmp_path, show)

    assert loaded.stderr == ""
    assert loaded.stdout == "embedded django.db.backends.sqlite3  True False\n"


def test_embedded_without_a_key_draws_a_new_one_for_each_process(tmp_path):
    first, second = (load(tmp_path, "s.SECRET_KEY").stdout for _ in range(2))

    assert len(first.strip()) >= 50
    assert first != second


def test_production_uses_the_servers_it_is_given(tmp_path):
    show = (
        "s.DATABASES['default']['HOST'], s.CACHES['default']['LOCATION'], s.CELERY_BROKER_URL,"
        " s.ALLOWED_HOSTS, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.ZONA_DEMO"
    )

    loaded = load(tmp_path, show, **PRODUCTION)

    assert loaded.stderr == ""
    assert loaded.stdout == (
        "db.example redis://cache.example:6379/0 redis://cache.example:6379/0"
        " ['zona.example.go.id', 'www.zona.example.go.id'] True 31536000 False\n"
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(tmp_path, name):
    loaded = load(tmp_path, **PRODUCTION | {name: ""})

    assert loaded.returncode == 1
    last = loaded.stderr.splitlines()[-1]
    assert last.startswith(
        "django.core.exceptions.ImproperlyConfigured: "
        f"{name}: is missing and ZONA_MODE=production needs it; "
    )


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("ZONA_MODE", "prod", "must be embedded or production, not 'prod'"),
        ("DATABASE_URL", "sqlite:///x", "must begin with postgres://"),
        ("DATABASE_URL", "nonsense", "must"),
        ("REDIS_URL", "http://cache", "must begin with redis://"),
        ("DEBUG", "true", "must be off when ZONA_MODE=production"),
        ("ZONA_DEMO", "true", "must be off when ZONA_MODE=production"),
        ("EVIDENCE_MAX_MIB", "many", "cannot be read as int; give a whole number of MiB"),
        ("HSTS_SECONDS", "long", "cannot be read as int; give seconds"),
        ("LOG_LEVEL", "LOUD", "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("EMAIL_URL", "mail.example", "cannot be read as email_url"),
    ],
)
def test_a_wrong_variable_stops_the_start_with_its_name(tmp_path, name, value, hint):
    loaded = load(tmp_path, **PRODUCTION | {name: value})

    assert loaded.returncode == 1
    last = loaded.stderr.splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {name}: {hint}")


def test_single_sign_on_needs_its_client(tmp_path):
    loaded = load(tmp_path, OIDC_SERVER_URL="https://sso.example")

    assert loaded.returncode == 1
    assert "OIDC_CLIENT_ID: is missing" in loaded.stderr.splitlines()[-1]


def test_single_sign_on_opens_with_its_client(tmp_path):
    given = {
        "OIDC_SERVER_URL": "https://sso.example",
        "OIDC_CLIENT_ID": "zona",
        "OIDC_CLIENT_SECRET": "x",
    }

    loaded = load(
        tmp_path, "s.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0]['name']", **given
    )

    assert (loaded.stdout, loaded.stderr) == ("SSO\n", "")


def test_every_variable_is_explained_in_the_example():
    source = "".join(
        (BASE_DIR / path).read_text()
        for path in (
            "zona/settings.py",
            "zona/gunicorn.py",
            "zona/serve.py",
            "bin/setup.sh",
            "bin/test",
        )
    )

    unread = {name for name in example_names() if name not in source} - {"FORWARDED_ALLOW_IPS"}

    assert unread == set()
