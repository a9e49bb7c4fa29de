"""Tags for what every page is made of: icons, fields, addresses that keep their filters."""

from functools import lru_cache

import lucide
from django import forms, template
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

register = template.Library()

_SELECTED = mark_safe(" selected")
CHECKS = (forms.CheckboxInput,)
CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)
SELECTS = (forms.Select,)


@lru_cache(maxsize=512)
def _icon(name: str, classes: str, label: str) -> str:
    said = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    svg = lucide._render_icon(name, None, **{"class": classes, "focusable": "false"}, **said)
    return mark_safe(svg)  # from the package's own drawings; attributes are escaped by ElementTree


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> str:
    """Draw a lucide icon with class ``z-ico``.

    extra: more classes. label: what a screen reader says; without it the icon is decoration.
    Raises IconDoesNotExist for a name that lucide does not know.
    """
    return _icon(str(name), f"z-ico {extra}".strip(), str(label))


def _kind(bound) -> str:
    widget = bound.field.widget
    if isinstance(widget, CHECKS):
        return "check"
    if isinstance(widget, CHOICES):
        return "choices"
    return "select" if isinstance(widget, SELECTS) else "input"


LOOKS = {"check": "form-check-input", "select": "form-select", "input": "form-control"}


@register.simple_tag
def control(bound, **attrs) -> str:
    """Draw a field's control alone, dressed as its kind asks; underscores become hyphens."""
    look = LOOKS[_kind(bound)]
    if bound.errors:
        look += " is-invalid"
    extra = {name.replace("_", "-"): value for name, value in attrs.items()}
    own = bound.field.widget.attrs.get("class", "")
    extra["class"] = f"{own} {look} {extra.get('class', '')}".strip()
    if type(bound.field.widget) is forms.Select:
        return _select(bound, extra)
    return bound.as_widget(attrs=extra)


def _select(bound, attrs: dict) -> str:
    """Draw a select in one go: Django's own makes a template of each of its options."""
    attrs = bound.build_widget_attrs(attrs, bound.field.widget)
    attrs.setdefault("id", bound.auto_id)
    drawn = bound.field.widget.get_context(bound.html_name, bound.value(), attrs)["widget"]
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (option["value"], _SELECTED if option["selected"] else "", option["label"])
            for _group, group_options, _index in drawn["optgroups"]
            for option in group_options
        ),
    )
    return format_html(
        '<select name="{}"{}>{}</select>', drawn["name"], flatatt(drawn["attrs"]), options
    )


@register.inclusion_tag("partials/field.html")
def field(bound, **attrs):
    """Show a form's field with label, help and faults in the one look of the house.

    attrs: more attributes of the control; underscores become hyphens.
    """
    kind = _kind(bound)
    drawn = "" if kind == "choices" else control(bound, **attrs)
    return {"field": bound, "kind": kind, "control": drawn}


@lru_cache(maxsize=256)
def _words(model, name: str, language: str) -> dict:
    field = model._meta.get_field(name)
    return {value: str(label) for value, label in field.flatchoices}


@register.filter
def word(row, name: str) -> str:
    """Return the word of a row's choice, as ``get_…_display`` does, from a table made once.

    Django makes that table anew for every cell, which costs more than all else in a list.
    """
    value = getattr(row, name)
    return _words(type(row), name, get_language()).get(value, value)


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """Return the page's own query string with some values changed; an empty value drops one.

    The page number is dropped unless it is among the changes: another filter starts at page 1.
    """
    values = context["request"].GET.copy()
    values.pop("hal", None)
    for name, value in changes.items():
        if value in (None, ""):
            values.pop(name, None)
        else:
            values[name] = value
    return f"?{values.urlencode()}" if values else "?"


@register.simple_tag(takes_context=True)
def sort_head(context, key: str, label: str, classes: str = "") -> str:
    """Return a table's head cell that sorts by ``key``; the current order is said in words too.

    The page gives ``sort``: the key in force, with a minus for descending.
    """
    current = context.get("sort", "")
    down = current == f"-{key}"
    state = "descending" if down else "ascending" if current == key else "none"
    address = query(context, urut=key if current != key else f"-{key}")
    arrow = {"descending": "arrow-down", "ascending": "arrow-up", "none": "chevrons-up-down"}
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a class="z-sort" href="{}">{}{}</a></th>',
        classes,
        state,
        address,
        label,
        _icon(arrow[state], "z-ico", ""),
    )
