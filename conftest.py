"""What every test may meet: a clean cache, and the people of the house."""

import os
from types import SimpleNamespace

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from zona import triggers

# A busy machine is no fault of the code; in CI the same examples are tried each time.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis.settings.load_profile("house")

STORE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}


def touches_a_store(item):
    """Say whether a test asks for the database; all others say the same on any."""
    return bool(item.get_closest_marker("django_db") or STORE_FIXTURES & set(item.fixturenames))


def pytest_collection_modifyitems(config, items):
    """Leave out what touches no database when ZONA_TEST_STORES_ONLY=yes."""
    if os.environ.get("ZONA_TEST_STORES_ONLY") == "yes":
        config.hook.pytest_deselected(items=[item for item in items if not touches_a_store(item)])
        items[:] = filter(touches_a_store, items)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Load what is shipped once; a flushed database gets it back from the factories."""
    from assessments.services.instruments import load_shipped
    from surveys.services.questionnaires import load_shipped as load_questionnaires

    with django_db_blocker.unblock():
        load_shipped()
        load_questionnaires()


@pytest.fixture(autouse=True)
def clean_cache():
    """Leave an empty cache and broker; on a shared Redis only this process's keys are removed."""
    yield
    if settings.REDIS_URL:
        client = cache._cache.get_client()
        for key in client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}*", count=1000):
            client.delete(key)
    else:
        cache.clear()


@pytest.fixture(autouse=True)
def triggers_step_aside_for_flush(request):
    """Drop the triggers before a transactional test is flushed; post_migrate brings them back."""
    marker = request.node.get_closest_marker("django_db")
    transactional = {"transactional_db", "live_server", "django_db_reset_sequences"}
    if not (
        transactional & set(request.fixturenames) or (marker and marker.kwargs.get("transaction"))
    ):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    triggers.drop()


@pytest.fixture
def tree(db):
    """A ministry with two Eselon I; below the first stand ``unit`` and ``sibling_unit``."""
    from assessments.tests.factories import make_unit

    eselon1 = make_unit(code="DJPC", name="Ditjen Pelabuhan Contoh", level="eselon_1")
    other = make_unit(code="DJBC", name="Ditjen Budi Daya Contoh", level="eselon_1")
    return SimpleNamespace(
        ministry=eselon1.parent,
        eselon1=eselon1,
        other_eselon1=other,
        unit=make_unit(eselon1, code="PPTL", name="Pelabuhan Teluk Lantera", staff_count=40),
        sibling=make_unit(eselon1, code="PPSK", name="Pelabuhan Sungai Kelana"),
        stranger=make_unit(other, code="BRAW", name="Balai Rimba Awan"),
    )


@pytest.fixture
def unit(tree):
    """The unit whose people are the personas."""
    return tree.unit


@pytest.fixture
def sibling_unit(tree):
    """Another unit below the same Eselon I."""
    return tree.sibling


def _persona(name, role, unit):
    from assessments.tests.factories import grant, make_user

    user = make_user(name)
    grant(user, role, unit)
    return user


@pytest.fixture
def operator(tree):
    """Fills the unit's side of the worksheet."""
    return _persona("operator", "unit_operator", tree.unit)


@pytest.fixture
def zi_lead(tree):
    """Leads the unit's team and looks after its people."""
    return _persona("zi_lead", "zi_lead", tree.unit)


@pytest.fixture
def unit_head(tree):
    """Heads the unit and submits the worksheet."""
    return _persona("unit_head", "unit_head", tree.unit)


@pytest.fixture
def eselon1(tree):
    """Coordinates all units below the first Eselon I."""
    return _persona("eselon1", "eselon1_coordinator", tree.eselon1)


@pytest.fixture
def auditor(tree):
    """Works for the inspectorate; on a team only where a test puts him."""
    return _persona("auditor", "auditor", tree.ministry)


@pytest.fixture
def secretariat(tree):
    """Looks after units, people, periods and teams."""
    return _persona("secretariat", "secretariat", tree.ministry)


@pytest.fixture
def system_admin(tree):
    """Looks after accounts and settings."""
    return _persona("system_admin", "system_admin", tree.ministry)


@pytest.fixture
def stranger(db):
    """Has an account and no role."""
    from assessments.tests.factories import make_user

    return make_user("stranger")


@pytest.fixture
def assessment(unit):
    """The blank worksheet of ``unit``, a draft."""
    from assessments.tests.factories import make_assessment

    return make_assessment(unit)
