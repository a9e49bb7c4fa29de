"""The score told a second time, by the database alone: an oracle that shares no code with ours.

Options, weights and inputs are read from the tables; only the policy for zero denominators, which
has no column, is handed in from the instrument's file.
"""

import random
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.db import connection

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.models import Answer, Track
from assessments.services.scores import score_track
from assessments.tests.factories import make_assessment, make_period
from assessments.tests.sheets import draw

pytestmark = pytest.mark.django_db

FILES = Path(scoring.__file__).parent / "instruments"
NUMBER = {"sqlite": "CAST(json_extract(a.inputs, '$.' || i.name) AS REAL)"}
NUMBER["postgresql"] = "CAST(a.inputs ->> i.name AS numeric)"
LEAST = {"sqlite": "min", "postgresql": "least"}
GREATEST = {"sqlite": "max", "postgresql": "greatest"}


def computations(code: str) -> dict[str, dict]:
    """Return the computation of every computed row, from the file."""
    document = yaml.safe_load((FILES / f"{code.replace('-', '_')}.yaml").read_text())
    found = {}

    def walk(nodes):
        for node in nodes:
            for row in node.get("indicators") or ():
                if "computation" in row:
                    found[row["code"]] = row["computation"]
            walk(node.get("children") or ())

    walk(document["tree"])
    return found


def oracle_sql(code: str) -> str:
    """Return one statement that adds up a track: its parameters are worksheet and track."""
    vendor = connection.vendor
    values = []
    for row, computation in computations(code).items():
        kind = computation["kind"]
        if kind == "score04":
            value = "skor / 4.0"
        elif kind == "decrease_ratio":
            value = (
                "CASE WHEN acuan = 0 AND pembanding = 0 THEN 1 WHEN acuan = 0 THEN 0"
                f" ELSE {GREATEST[vendor]}(0, 1.0 * (acuan - pembanding) / acuan) END"
            )
        else:
            policy = computation["zero_denominator"]["policy"]
            at_zero = {"score_zero": "0", "score_one": "1", "exclude": "-1"}[policy]
            value = (
                f"CASE WHEN penyebut = 0 THEN {at_zero}"
                f" ELSE {LEAST[vendor]}(1, 1.0 * pembilang / penyebut) END"
            )
        values.append(f"WHEN '{row}' THEN {value}")
    sums = ", ".join(
        f"SUM(CASE WHEN i.role = '{role}' THEN {NUMBER[vendor]} ELSE 0 END) AS {role}"
        for role in ("pembilang", "penyebut", "acuan", "pembanding", "skor")
    )
    return f"""
        WITH counts AS (
            SELECT a.id, {sums}
            FROM assessments_answer a
            JOIN assessments_input i ON i.indicator_id = a.indicator_id
            WHERE a.inputs IS NOT NULL AND a.assessment_id = %s AND a.track = %s
            GROUP BY a.id
        ), rows_ AS (
            SELECT n.id AS node, n.weight_points AS weight,
                CASE
                    WHEN a.choice <> '' THEN o.value
                    WHEN c.id IS NOT NULL THEN CASE x.code {" ".join(values)} END
                    ELSE 0
                END AS value
            FROM assessments_answer a
            JOIN assessments_indicator x ON x.id = a.indicator_id
            JOIN assessments_node n ON n.id = x.node_id
            LEFT JOIN assessments_option o
                ON o.indicator_id = x.id AND o.code = a.choice AND a.choice <> ''
            LEFT JOIN counts c ON c.id = a.id
            WHERE a.assessment_id = %s AND a.track = %s
        )
        SELECT COALESCE(SUM(points), 0) FROM (
            SELECT weight * 1.0 * SUM(value) / COUNT(*) AS points
            FROM rows_ WHERE value >= 0 GROUP BY node, weight
        ) parts
    """


@pytest.mark.parametrize("code", ["lke-zi-2021", "lke-zi-2014"])
def test_the_engine_and_the_database_agree_on_fifty_random_worksheets(code):
    assessment = make_assessment(period=make_period(code))
    catalog = catalog_of(assessment.instrument)
    rows = list(Answer.objects.filter(assessment=assessment, track=Track.UNIT))
    statement = oracle_sql(code)
    dice = random.Random(2026)

    for _turn in range(50):
        sheet = draw(catalog.engine, dice)
        for row in rows:
            row.choice, row.inputs = sheet[catalog.codes[row.indicator_id]]
        Answer.objects.bulk_update(rows, ["choice", "inputs"])
        with connection.cursor() as cursor:
            cursor.execute(statement, [assessment.pk, "unit", assessment.pk, "unit"])
            told = Decimal(str(cursor.fetchone()[0]))
        ours = score_track(assessment, Track.UNIT).readings[scoring.Reading.SAFE].total
        assert abs(told - scoring.stored(ours)) < Decimal("0.000001")
