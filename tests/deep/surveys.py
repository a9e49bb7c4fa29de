"""Answers of the public in a rush, and a survey of 100,000: two gunicorn workers on PostgreSQL.

Makes a database of its own. First a minute of people who open the form and send it, RATE every
second, whatever the server does; then the pages of a survey with MANY answers. DATABASE_SERVER
names the PostgreSQL. Everything ends by itself: late people give up after PATIENCE seconds.
"""

import argparse
import http.client
import io
import json
import os
import random
import re
import resource
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from pages import BASE_DIR, in_a_house_of_its_own, loop_ms, serve

RATE = 20
SECONDS = 60
THINKING = 1.0
PATIENCE = 20
PEOPLE_AT_ONCE = 96
MANY = 100_000
TURNS = 15
SEED = 20_170_014
P95_GOAL = 300
STATEMENT_GOAL = 12
LIST_CPU, DASHBOARD_CPU = 15, 50
SERVICES = ("Persetujuan berlayar", "Surat hasil tangkapan", "Pendaratan ikan", "Izin tambat")
COMMENTS = ("", "", "", "Antrean dibuat daring saja.", "Petugas ramah dan jelas.")


# ------------------------------------------------------------------------------------ a minute


@dataclass(slots=True)
class Person:
    """One person of the rush: how long form and sending took from the planned moment on, in ms."""

    opened_ms: float = 0
    sent_ms: float = 0
    receipt: str = ""
    trouble: str = ""


def rush(site: str, survey, sheets) -> tuple[list[Person], float]:
    """Let RATE people come every second for SECONDS; return them and the CPU of this process."""
    rng = random.Random(SEED)
    people = [Person() for _number in range(RATE * SECONDS)]
    forms = [_answers(survey, sheets, rng) for _person in people]
    begin = time.monotonic() + 1
    cpu = time.process_time()
    with ThreadPoolExecutor(PEOPLE_AT_ONCE) as crowd:
        for number, (person, form) in enumerate(zip(people, forms, strict=True)):
            moment = begin + number / RATE
            time.sleep(max(0, moment - time.monotonic()))
            crowd.submit(_visit, site, survey.public_path, person, form, moment)
    return people, time.process_time() - cpu


def _visit(site: str, path: str, person: Person, form: dict, moment: float) -> None:
    """Open the form, think, send it. Times count from the planned moment: waiting is no excuse."""
    try:
        status, body, _headers = _ask(site, "GET", path)
        person.opened_ms = (time.monotonic() - moment) * 1000
        stamp = re.search(rb'name="stempel" value="([^"]+)"', body)
        if status != 200 or not stamp:
            person.trouble = f"form: {status}"
            return
        sending = max(moment + THINKING, time.monotonic())
        time.sleep(max(0, sending - time.monotonic()))
        text = urlencode({**form, "stempel": stamp[1].decode()})
        status, _body, headers = _ask(site, "POST", path, text)
        person.sent_ms = (time.monotonic() - sending) * 1000
        found = re.search(r"[?&]r=([A-Z0-9-]+)", headers.get("Location", ""))
        if status == 302 and found:
            person.receipt = found[1]
        else:
            person.trouble = f"sending: {status}"
    except OSError as error:
        person.trouble = type(error).__name__


def _ask(site: str, method: str, path: str, body: str | None = None):
    """Ask over a connection of one's own, as a phone does."""
    headers = {"Accept-Encoding": "gzip;q=0", "User-Agent": f"telepon {threading.get_ident()}"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection(site, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


def _answers(survey, sheets, rng: random.Random) -> dict[str, str]:
    """Return a filled form without its stamp."""
    from surveys.profile import profile

    form = {"setuju": "1", "layanan": str(rng.choice(survey.asked_services)[0])}
    for field in profile().chosen(survey.profile_fields):
        form[f"d-{field.code}"] = rng.choice(list(field.options))
    for sheet in sheets:
        for name in sheet.field_names:
            form[name] = str(rng.choices((4, 3, 2, 1), (60, 28, 8, 4))[0])
    form["saran"] = rng.choice(COMMENTS)
    return form


def measure_rush(unit) -> dict:
    """Serve a survey, send the rush, and hold what is stored against what was thanked for."""
    from surveys.models import Response, Tally
    from surveys.services.lifecycle import rebuild_sums
    from surveys.sheet import sheets_of

    survey = _open_survey(unit, "Survei ramai")
    site, server = serve()
    try:
        _ask(site, "GET", survey.public_path)
        people, client_cpu = rush(site, survey, sheets_of(survey))
    finally:
        server.terminate()
        server.wait(15)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    thanked = [person for person in people if person.receipt]
    kept = Tally.objects.get(survey=survey).sums
    troubles = sorted({person.trouble for person in people if person.trouble})
    return {
        "people": len(people),
        "thanked": len(thanked),
        "receipts": len({person.receipt for person in thanked}),
        "stored": Response.objects.filter(survey=survey).count(),
        "summed": sum(kept["status"].values()),
        "sums_true": kept == rebuild_sums(survey),
        "troubles": troubles,
        "opened_p50": _percentile([p.opened_ms for p in people], 50),
        "opened_p95": _percentile([p.opened_ms for p in people], 95),
        "sent_p50": _percentile([p.sent_ms for p in thanked], 50),
        "sent_p95": _percentile([p.sent_ms for p in thanked], 95),
        "sent_worst": max((p.sent_ms for p in thanked), default=0),
        "client_cpu": client_cpu,
        "server_cpu": used.ru_utime + used.ru_stime,
        "load": os.getloadavg()[0],
    }


def _percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1] if len(values) > 1 else 0.0


# ------------------------------------------------------------------------------- 100,000 answers


def _open_survey(unit, title: str):
    from django.utils import timezone

    from surveys.index import Kind
    from surveys.models import Questionnaire
    from surveys.profile import profile
    from surveys.services import lifecycle
    from surveys.services.lifecycle import Coverage, PlannedPart

    today = timezone.localdate()
    editions = {row.code: row for row in Questionnaire.objects.all()}
    survey = lifecycle.create_survey(
        unit=unit,
        year=today.year,
        parts=[
            PlannedPart(editions[code], "proportional")
            for code in (f"{Kind.SPAK}-2021", f"{Kind.SPKP}-2021")
        ],
        coverage=[Coverage(service, 60_000) for service in unit.services.all()],
        by=None,
        title=title,
        opens_on=today - timedelta(days=20),
        closes_on=today + timedelta(days=20),
        population=60_000 * len(SERVICES),
        profile_fields=list(profile().defaults),
    )
    return lifecycle.open_survey(survey=survey, by=None)


def fill(survey, people: int) -> float:
    """Store that many answers by COPY and add up their sums; returns the seconds of the adding."""
    from django.db import connection

    from surveys.models import Questionnaire, ResponseComment
    from surveys.models.responses import random_key
    from surveys.profile import profile
    from surveys.services.lifecycle import rebuild_sums
    from surveys.services.submission import NOTICE_VERSION
    from surveys.sheet import sheets_of

    rng = random.Random(SEED)
    asked = [question.pk for sheet in sheets_of(survey) for question in sheet.questions]
    fields = profile().chosen(survey.profile_fields)
    services = [key for key, _name in survey.asked_services]
    month = survey.opens_on.strftime("%Y-%m")
    answers, values = io.StringIO(), io.StringIO()
    for _number in range(people):
        key = random_key()
        chosen = {field.code: rng.choice(list(field.options)) for field in fields}
        odd = rng.choices((0, 1, 2, 4), (90, 4, 3, 3))[0]
        row = (key, survey.pk, rng.choice(services), month, "online", "id", NOTICE_VERSION)
        line = "\t".join(str(cell) for cell in (*row, json.dumps(chosen), odd, "valid"))
        answers.write(line + "\n")
        points = rng.choices((4, 3, 2, 1), (60, 28, 8, 4), k=len(asked))
        for question, value in zip(asked, points, strict=True):
            values.write(f"{key}\t{question}\t{value}\n")
    columns = "id, survey_id, service_id, month, mode, language, notice, profile, flags, status"
    with connection.cursor() as cursor:
        for text, table, names in (
            (answers, "surveys_response", columns),
            (values, "surveys_responsevalue", "response_id, question_id, value"),
        ):
            text.seek(0)
            cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", text)
    holder = Questionnaire.objects.get(code="spkp-2021")
    ResponseComment.objects.bulk_create(
        (
            ResponseComment(survey=survey, questionnaire=holder, topic="advice", text=COMMENTS[-1])
            for _number in range(people // 10)
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    start = time.perf_counter()
    survey.tally.sums = rebuild_sums(survey)
    survey.tally.save(update_fields=["sums"])
    return time.perf_counter() - start


def measure_pages(unit) -> dict:
    """Return statements and CPU of the pages of a survey with MANY answers, open and locked."""
    from django.test import Client
    from django.urls import reverse

    from surveys.services import lifecycle
    from units.access import Role
    from units.models import Membership, User

    survey = _open_survey(unit, "Survei besar")
    adding = fill(survey, MANY)
    user = User.objects.create(username="ketua-zi", name="Ketua ZI", password="!")
    Membership.objects.create(
        user=user, role=Role.ZI_LEAD, unit=unit, valid_from=survey.opens_on - timedelta(days=900)
    )
    client, anybody = Client(), Client()
    client.force_login(user)
    rows = []

    def look(name: str, browser, view: str, cpu_goal: int | None, *args, query: str = "") -> None:
        address = reverse(view, args=args) + query
        rows.append({"name": name, "cpu_goal": cpu_goal, **_cost(browser, address)})

    look("survey list", client, "surveys:survey_list", LIST_CPU)
    look("dashboard, open", client, "surveys:survey_detail", DASHBOARD_CPU, survey.pk)
    look("odd answers", client, "surveys:answer_list", DASHBOARD_CPU, survey.pk)
    look("comments", client, "surveys:comment_list", DASHBOARD_CPU, survey.pk)
    look("public form", anybody, "surveys:public_form", DASHBOARD_CPU, survey.code)
    start = time.perf_counter()
    lifecycle.close_survey(survey=survey, by=user)
    lifecycle.lock_result(survey=survey, by=user)
    locking = time.perf_counter() - start
    lifecycle.publish_result(survey=survey, by=user)
    look("dashboard, locked", client, "surveys:survey_detail", DASHBOARD_CPU, survey.pk)
    look("result", client, "surveys:survey_result", DASHBOARD_CPU, survey.pk)
    look("result for the public", anybody, "surveys:public_result", DASHBOARD_CPU, survey.code)
    look("unit's years", client, "surveys:unit_surveys", DASHBOARD_CPU, unit.pk)
    look("XLSX of the result", client, "surveys:survey_workbook", None, survey.pk)
    return {"pages": rows, "adding": adding, "locking": locking}


def _cost(browser, address: str) -> dict:
    from django.db import connection

    from zona.bench import Counter

    counter = Counter()
    browser.get(address)
    with connection.execute_wrapper(counter):
        answer = browser.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")
    cpu, whole = [], []
    for _turn in range(TURNS):
        begun, spent = time.perf_counter(), time.process_time()
        browser.get(address)
        cpu.append((time.process_time() - spent) * 1000)
        whole.append((time.perf_counter() - begun) * 1000)
    return {
        "statements": counter.count,
        "cpu": statistics.median(cpu),
        "whole": statistics.median(whole),
    }


def measure() -> dict:
    """Do both in the database that the environment names; runs in its own process."""
    import django

    django.setup()
    import logging

    from django.db import connection

    from surveys.services.questionnaires import load_shipped
    from surveys.tests.factories import make_unit
    from units.models import Service

    if connection.vendor != "postgresql":
        raise SystemExit(f"this measures PostgreSQL, not {connection.vendor}")
    logging.disable(logging.INFO)
    load_shipped()
    unit = make_unit()
    for name in SERVICES:
        Service.objects.create(unit=unit, name=name)
    found = {"rush": measure_rush(unit)}
    return found | measure_pages(unit)


# ------------------------------------------------------------------------------------- the paper


def main() -> int:
    """Measure and write the figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inside", action="store_true", help="only measure, and print JSON")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--beside", default="", help="what else the machine did meanwhile")
    options = parser.parse_args()
    if options.inside:
        sys.path.insert(0, str(BASE_DIR))
        sys.stdout.write(json.dumps(measure()) + "\n")
        return 0
    floor, load = loop_ms(), os.getloadavg()[0]
    found = in_a_house_of_its_own("surveys", [__file__, "--inside"])
    rush_found = found["rush"]
    people = rush_found["people"]
    lost = people - rush_found["stored"]
    checks = [
        ("sending, p95", rush_found["sent_p95"], P95_GOAL, "ms"),
        ("people who came and whose answer is not stored", lost, 0, ""),
        ("thanked for and not stored", rush_found["thanked"] - rush_found["stored"], 0, ""),
        ("answers in the sums and not stored", rush_found["summed"] - rush_found["stored"], 0, ""),
        ("sums that differ from a rebuild", int(not rush_found["sums_true"]), 0, ""),
    ]
    plain = [
        ("sending, median", rush_found["sent_p50"], "ms"),
        ("sending, slowest", rush_found["sent_worst"], "ms"),
        ("opening the form, median", rush_found["opened_p50"], "ms"),
        ("opening the form, p95", rush_found["opened_p95"], "ms"),
        ("server CPU a person, form and sending", 1000 * rush_found["server_cpu"] / people, "ms"),
        ("client CPU a person", 1000 * rush_found["client_cpu"] / people, "ms"),
        ("floor: a fixed loop of a million turns", floor, "ms"),
        (f"adding up {MANY:,} answers anew", found["adding"], "s"),
        (f"locking the result of {MANY:,} answers", found["locking"], "s"),
    ]
    missed = any(value > goal for _name, value, goal, _unit in checks)
    lines = [
        "# Surveys",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, two workers on PostgreSQL and Redis; client and "
        f"database on the same {os.cpu_count()} cores. {RATE} people a second for {SECONDS} s open "
        f"the form of one survey and send it {THINKING:.0f} s later, each over a new connection; "
        "times count from the planned moment.",
        "",
        f"Load of the machine before: {load:.1f}; right after the rush: {rush_found['load']:.1f}. "
        + (options.beside or "Nothing else was started beside it."),
        "",
        "| the rush | figure | goal | |",
        "|---|---|---|---|",
    ]
    for name, value, goal, unit in checks:
        verdict = "reached" if value <= goal else "NOT REACHED"
        lines.append(f"| {name} | {_written(value, unit)} | {goal} | {verdict} |")
    lines += [f"| {name} | {_written(value, unit)} | | |" for name, value, unit in plain]
    if rush_found["troubles"]:
        lines += ["", f"Troubles: {', '.join(rush_found['troubles'])}."]
    lines += [
        "",
        f"Pages of a survey with {MANY:,} answers of 13 questions, one process, medians of "
        f"{TURNS}:",
        "",
        "| page | statements | goal | server CPU | goal | whole | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found["pages"]:
        goal = row["cpu_goal"]
        good = row["statements"] <= STATEMENT_GOAL and (goal is None or row["cpu"] <= goal)
        missed = missed or not good
        lines.append(
            f"| {row['name']} | {row['statements']} | {STATEMENT_GOAL} | {row['cpu']:.1f} ms |"
            f" {'' if goal is None else goal} | {row['whole']:.1f} ms |"
            f" {'reached' if good else 'NOT REACHED'} |"
        )
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text)
    return int(missed)


def _written(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if unit else str(value)


if __name__ == "__main__":
    sys.exit(main())
