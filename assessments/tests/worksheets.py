"""Small instruments and worksheets for tests, built as plainly as a test can read them."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from fractions import Fraction as F
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from assessments.scoring import (
    Answers,
    Area,
    Computation,
    Indicator,
    Input,
    Instrument,
    Node,
    Option,
    Predicate,
    Rule,
)

SCALES = {
    "YA_TIDAK": {"Ya": F(1), "Tidak": F(0)},
    "ABC": {"A": F(1), "B": F(1, 2), "C": F(0)},
    "ABCD": {"A": F(1), "B": F(67, 100), "C": F(33, 100), "D": F(0)},
    "ABCDE": {"A": F(1), "B": F(3, 4), "C": F(1, 2), "D": F(1, 4), "E": F(0)},
}


def patient(examples: int) -> settings:
    """Return settings for whole worksheets: drawing 113 rows is slow on a busy machine."""
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


def dataclasses_of(module) -> list[type]:
    """Return the dataclasses that a module defines."""
    return [
        found
        for found in vars(module).values()
        if is_dataclass(found) and found.__module__ == module.__name__
    ]


def choice(code: str, scale: str = "ABC") -> Indicator:
    """Return a row with options."""
    options = tuple(Option(letter, value) for letter, value in SCALES[scale].items())
    return Indicator(code, 1, scale, f"Pertanyaan {code}?", options)


def count_input(name: str, role: str, label: str | None = None, *, required: bool = True) -> Input:
    """Return a whole number from 0 on."""
    return Input(name, label or f"Jumlah {name}", "integer", Decimal(0), None, role, required)


def ratio(
    code: str,
    policy: str = "score_zero",
    *,
    above: str = "tercapai",
    below: str = "sasaran",
    info: str | None = None,
) -> Indicator:
    """Return a row worth ``above`` ÷ ``below``."""
    inputs = [count_input(below, "penyebut"), count_input(above, "pembilang")]
    if info is not None:
        inputs.append(count_input(info, "informasi", required=False))
    computation = Computation("ratio", policy, "Karena begitu.")
    return Indicator(code, 1, "PERSEN", f"Berapa {code}?", (), tuple(inputs), computation)


def decrease(code: str, policy: str = "one_if_both_zero_else_zero") -> Indicator:
    """Return a row worth the share by which a count fell."""
    inputs = (
        count_input("lalu", "acuan"),
        count_input("ini", "pembanding"),
        count_input("sanksi", "informasi", required=False),
    )
    computation = Computation("decrease_ratio", policy, "Karena begitu.")
    return Indicator(code, 1, "PERSEN", f"Turun berapa {code}?", (), inputs, computation)


def survey(code: str, name: str = "indeks") -> Indicator:
    """Return a row worth an index ÷ 4."""
    item = Input(name, "Indeks", "decimal", Decimal(0), Decimal(4), "skor")
    return Indicator(code, 1, "SKOR_0_4", f"Indeks {code}?", (), (item,), Computation("score04"))


def sub(code: str, weight: F | int, *rows: Indicator) -> Node:
    """Return a sub-component."""
    return Node(code, "sub_component", f"Bagian {code}", F(weight), (), rows)


def part(code: str, *children: Node, kind: str = "component") -> Node:
    """Return a node that weighs what its children weigh."""
    weight = sum((child.weight for child in children), F(0))
    return Node(code, kind, f"Simpul {code}", weight, children)


def instrument(
    *roots: Node, rules: tuple[Rule, ...] = (), areas: Mapping[str, tuple[str, ...]] | None = None
) -> Instrument:
    """Return an instrument whose rows are numbered as they stand."""
    numbers = count(1)
    weights = {node.code: node.weight for root in roots for node in root.walk()}
    return Instrument(
        code="uji",
        title="Instrumen uji",
        roots=tuple(_numbered(root, numbers) for root in roots),
        areas=tuple(
            Area(code, f"Area {code}", sum((weights[n] for n in nodes), F(0)), nodes)
            for code, nodes in (areas or {}).items()
        ),
        predicates=(Predicate("WBK", "Bebas"), Predicate("WBBM", "Melayani", "WBK")),
        rules=rules,
    )


def _numbered(node: Node, numbers) -> Node:
    children = tuple(_numbered(child, numbers) for child in node.children)
    rows = tuple(
        Indicator(
            row.code, next(numbers), row.scale, row.statement, row.options, row.inputs,
            row.computation,
        )
        for row in node.indicators
    )  # fmt: skip
    return Node(node.code, node.kind, node.name, node.weight, children, rows)


def minimum(
    target: str | tuple[str, ...], points: F | int | str, *, predicate: str = "WBK", code: str = ""
) -> Rule:
    """Return a threshold in points."""
    name = code or (target if isinstance(target, str) else "+".join(target))
    return Rule(predicate, name, f"Ambang {name}", target, minimum_points=F(points))


def area_minimum(share: F | str, basis: str = "combined", predicate: str = "WBK") -> Rule:
    """Return a threshold for each area, as a share of its weight."""
    return Rule(predicate, "area", "Tiap area", "each_area", minimum_ratio=F(share), basis=basis)


def worst(edition: Instrument) -> Answers:
    """Return a worksheet that earns nothing though every row is answered."""
    return {row.code: _extreme(row, best=False) for row in edition.indicators.values()}


def best(edition: Instrument) -> Answers:
    """Return a worksheet that earns everything."""
    return {row.code: _extreme(row, best=True) for row in edition.indicators.values()}


def _extreme(row: Indicator, *, best: bool):
    if not row.is_computed:
        return row.options[0 if best else -1].code
    by_role = {
        "penyebut": 4,
        "acuan": 4,
        "pembilang": 4 * len(row.inputs_of("penyebut")) if best else 0,
        "pembanding": 0 if best else 4,
        "informasi": 0,
        "skor": Decimal(4 if best else 0),
    }
    return {item.name: by_role[item.role] for item in row.inputs}


def answer_to(row: Indicator, *, largest: int = 12, may_be_blank: bool = True):
    """Return a strategy for one row's answer, contradictory counts and blanks included."""
    if not row.is_computed:
        answer = st.sampled_from([option.code for option in row.options])
    else:
        answer = st.fixed_dictionaries(
            {
                item.name: st.decimals(0, 4, places=2)
                if item.type == "decimal"
                else st.integers(0, largest)
                for item in row.inputs
            }
        )
    return st.none() | answer if may_be_blank else answer


def worksheets(edition: Instrument, *, may_be_blank: bool = True):
    """Return a strategy for whole worksheets."""
    return st.fixed_dictionaries(
        {row.code: answer_to(row, may_be_blank=may_be_blank) for row in edition.indicators.values()}
    )
