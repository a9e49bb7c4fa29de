"""Every address × seven personas × own, sibling and parent unit × method, exact status codes."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_expectations import (
    ACCOUNT_KEYS,
    ACCOUNT_PAGES,
    EXPECTED,
    PUBLIC,
    PUBLIC_CODES,
    Page,
)
from tests.access_world import PERSONAS, PLACES, build

METHODS = ("GET", "POST")
OUTSIDE = {"admin"}


def url_names(resolver=None, namespace: str = "") -> set[str]:
    """Return every URL name of the house with its namespace; those of Django's admin apart."""
    names = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace in OUTSIDE:
                continue
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            names |= url_names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            names.add(f"{namespace}{entry.name}")
    return names


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The world of the table, made once and rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = build()
        yield made
        transaction.set_rollback(True)


def test_every_address_has_a_declared_expectation():
    declared = set(EXPECTED) | set(ACCOUNT_PAGES) | ACCOUNT_KEYS | set(PUBLIC) | PUBLIC_CODES

    assert sorted(url_names() - declared) == []
    assert sorted(declared - url_names()) == []


def places_of(page: Page) -> tuple[str, ...]:
    """Return the places in which an address is tried."""
    if page.on is None:
        return ("",)
    return tuple(place for place in PLACES if any(key.endswith(place) for key in page.rows))


def ask(world, name: str, page: Page, method: str, place_name: str, persona: str | None) -> int:
    """Return the status code of one request; whatever it changed is undone."""
    place = world.places[place_name or "own"]
    args = (getattr(place, page.on).pk,) if page.on else ()
    more = page.more(place) if callable(page.more) else page.more
    address = reverse(name, args=[*args, *more])
    data = page.data(place) if callable(page.data) else dict(page.data)
    with transaction.atomic():
        client = Client()
        if persona:
            user = world.people[persona]
            client.force_login(type(user).objects.get(pk=user.pk))
        response = client.get(address) if method == "GET" else client.post(address, data)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return response.status_code


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_persona_gets_exactly_the_declared_answer(world, name):
    page = EXPECTED[name]
    asked, expected = {}, {}

    for method in METHODS:
        for place in places_of(page):
            key = f"{method} {place}".strip()
            asked[key] = tuple(
                ask(world, name, page, method, place, persona) for persona in PERSONAS
            )
            expected[key] = page.rows.get(key, (405,) * len(PERSONAS))

    assert asked == expected


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_visitor_without_an_account_is_sent_to_the_sign_in_page(world, name):
    page = EXPECTED[name]
    if name == "units:demo_login":
        assert ask(world, name, page, "POST", "", None) == 404
        return

    codes = {
        ask(world, name, page, method, place, None)
        for method in METHODS
        for place in places_of(page)
        if any(key.startswith(method) for key in page.rows)
    }

    assert codes == {page.anonymous}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted({**ACCOUNT_PAGES, **PUBLIC}))
def test_public_and_account_pages_answer_a_visitor_as_declared(client, name):
    assert client.get(reverse(name)).status_code == {**ACCOUNT_PAGES, **PUBLIC}[name]


@pytest.mark.django_db
def test_nobody_without_staff_rights_enters_the_admin(world):
    for user in world.people.values():
        client = Client()
        client.force_login(user)

        assert client.get(reverse("admin:index")).status_code == 302


def test_the_tables_transaction_is_still_open(world):
    assert connection.in_atomic_block
