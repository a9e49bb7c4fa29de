"""An upper app adds to a lower app's page without being known there."""

import dataclasses

import pytest

from zona import panels


@dataclasses.dataclass(frozen=True)
class Waiting:
    text: str


@dataclasses.dataclass
class Loose:
    text: str


@pytest.fixture(autouse=True)
def slots(monkeypatch):
    monkeypatch.setattr(panels, "_slots", {})


def test_a_slot_nobody_fills_is_empty():
    assert panels.for_slot("home", "siti") == []


def test_panels_come_in_order_with_what_their_provider_says():
    panels.register("home", lambda user, **context: Waiting(f"last {user}"), "c.html", order=200)
    panels.register("home", lambda user, **context: Waiting("first"), "a.html", order=1)
    panels.register("home", lambda user, **context: Waiting(context["unit"]), "b.html")
    panels.register("home", lambda user, **context: None, "never.html")
    panels.register("other", lambda user, **context: Waiting("elsewhere"), "x.html")

    shown = panels.for_slot("home", "siti", unit="PPTL")

    assert shown == [
        panels.Panel("a.html", Waiting("first")),
        panels.Panel("b.html", Waiting("PPTL")),
        panels.Panel("c.html", Waiting("last siti")),
    ]


def test_registering_again_replaces_nothing_but_the_template_and_order():
    def provider(user):
        return Waiting("one")

    panels.register("home", provider, "old.html")
    panels.register("home", lambda user: Waiting("two"), "two.html")
    panels.register("home", provider, "new.html")

    assert [panel.template for panel in panels.for_slot("home", None)] == ["new.html", "two.html"]


def test_a_panel_that_could_change_is_refused():
    panels.register("home", lambda user: Loose("x"), "x.html")

    with pytest.raises(TypeError, match="must return a frozen dataclass"):
        panels.for_slot("home", None)
