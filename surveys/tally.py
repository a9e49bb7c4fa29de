"""The running sums of a survey: what is added on every answer, so that no page adds up answers.

Plain dictionaries of whole numbers, fit for JSON; no Django. ``rebuild`` from the answers and the
kept sums must be equal to the last digit; a command compares them.

``status`` counts all answers by what they count for, ``flags`` by what is odd about them. Only
valid answers enter ``cells`` (per group: how many, and per question how often each point) and
``sums`` (per questionnaire: sum and sum of squares of the respondents' plain sums and of their
weighted sums, from which alpha and the spread follow).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from surveys.index import LOWEST

VALID = "valid"
ALL = "all"
Sums = dict[str, Any]


@dataclass(frozen=True)
class PartLayout:
    """A questionnaire as the sums need it: its elements, each a list of question keys."""

    key: int
    scale_max: int
    elements: tuple[tuple[int, ...], ...]

    @cached_property
    def questions(self) -> tuple[int, ...]:
        """All question keys, element after element."""
        return tuple(question for element in self.elements for question in element)

    @cached_property
    def denominator(self) -> int:
        """The least number by which every question's weight becomes whole."""
        return lcm(*(len(self.elements) * len(element) for element in self.elements))

    @cached_property
    def weights(self) -> dict[int, int]:
        """Each question's share of a respondent's own mean, times ``denominator``."""
        return {
            question: self.denominator // (len(self.elements) * len(element))
            for element in self.elements
            for question in element
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as the sums need it. ``groups`` are keys such as ``service:12``."""

    status: str
    flags: int = 0
    groups: tuple[str, ...] = ()
    values: Mapping[int, int] = field(default_factory=dict)


def group_keys(
    *, service: int | None, month: str, mode: str, profile: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the groups to which an answer belongs."""
    keys = [f"service:{service}"] if service is not None else []
    keys += [f"month:{month}", f"mode:{mode}"]
    keys += [f"profile:{name}:{option}" for name, option in sorted(profile.items())]
    return tuple(keys)


def empty() -> Sums:
    """Return the sums of a survey that nobody answered."""
    return {"status": {}, "flags": {}, "cells": {}, "sums": {}}


def add(sums: Sums, answer: Answered, layout: Iterable[PartLayout], *, times: int = 1) -> None:
    """Add an answer to the sums; ``times=-1`` takes it out again.

    Raises ValueError when a count would fall below zero: the answer was never added.
    """
    _count(sums["status"], answer.status, times)
    for flag in _bits(answer.flags):
        _count(sums["flags"], str(flag), times)
    if answer.status != VALID:
        return
    parts = tuple(layout)
    for key in (ALL, *answer.groups):
        _add_to_cell(sums["cells"], key, answer.values, parts, times)
    for part in parts:
        plain = sum(answer.values[question] for question in part.questions)
        weighted = sum(
            answer.values[question] * weight for question, weight in part.weights.items()
        )
        row = sums["sums"].setdefault(str(part.key), [0, 0, 0, 0])
        for place, figure in enumerate((plain, plain**2, weighted, weighted**2)):
            row[place] += times * figure


def count(sums: Sums, status: str) -> int:
    """Return how many answers have a status."""
    return sums.get("status", {}).get(status, 0)


def total(sums: Sums) -> int:
    """Return how many answers there are, whatever they count for."""
    return sum(sums.get("status", {}).values())


def group_sizes(sums: Sums, prefix: str) -> dict[str, int]:
    """Return the sizes of the groups whose key begins with ``prefix:``, by the rest of the key."""
    start = f"{prefix}:"
    return {
        key.removeprefix(start): cell["n"]
        for key, cell in sums.get("cells", {}).items()
        if key.startswith(start)
    }


def counts_of(sums: Sums, cell: str, question: int, scale_max: int) -> list[int]:
    """Return how often each point was chosen at a question within a group."""
    found = sums.get("cells", {}).get(cell, {}).get("q", {}).get(str(question))
    return list(found) if found else [0] * scale_max


def item_moments(sums: Sums, part: PartLayout) -> list[tuple[int, int]]:
    """Return sum and sum of squares of every question's answers, for alpha."""
    moments = []
    for question in part.questions:
        counts = list(enumerate(counts_of(sums, ALL, question, part.scale_max), LOWEST))
        one = sum(point * times for point, times in counts)
        two = sum(point * point * times for point, times in counts)
        moments.append((one, two))
    return moments


def plain_moments(sums: Sums, part: PartLayout) -> tuple[int, int]:
    """Return sum and sum of squares of the respondents' plain sums."""
    row = sums["sums"].get(str(part.key), [0, 0, 0, 0])
    return row[0], row[1]


def mean_moments(sums: Sums, part: PartLayout) -> tuple[Fraction, Fraction]:
    """Return sum and sum of squares of the respondents' own means on the survey's scale."""
    row = sums["sums"].get(str(part.key), [0, 0, 0, 0])
    return Fraction(row[2], part.denominator), Fraction(row[3], part.denominator**2)


def rebuild(answers: Iterable[Answered], layout: Iterable[PartLayout]) -> Sums:
    """Return the sums of all answers, added up from nothing."""
    sums, parts = empty(), tuple(layout)
    for answer in answers:
        add(sums, answer, parts)
    return sums


def _add_to_cell(cells, key: str, values: Mapping[int, int], parts, times: int) -> None:
    cell = cells.setdefault(key, {"n": 0, "q": {}})
    cell["n"] += times
    for part in parts:
        for question in part.questions:
            counts = cell["q"].setdefault(str(question), [0] * part.scale_max)
            place = values[question] - LOWEST
            counts[place] += times
            if counts[place] < 0:
                raise ValueError(f"{key}: an answer is taken out that was never added")
    if cell["n"] == 0:
        del cells[key]


def _count(counts: dict[str, int], key: str, times: int) -> None:
    left = counts.get(key, 0) + times
    if left < 0:
        raise ValueError(f"{key}: an answer is taken out that was never added")
    if left:
        counts[key] = left
    else:
        counts.pop(key, None)


def _bits(flags: int) -> Iterable[int]:
    bit = 1
    while bit <= flags:
        if flags & bit:
            yield bit
        bit <<= 1
