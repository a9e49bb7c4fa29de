"""Print the shortest way from a file of answers to a predicate, without a database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand

from assessments import answer_file, outcome_json, planning, scoring


class Command(BaseCommand):
    help = "Mencari langkah tersingkat menuju satu predikat dan mencetaknya sebagai objek JSON."
    requires_system_checks = []

    def add_arguments(self, parser):
        outcome_json.add_file_arguments(parser)
        parser.add_argument(
            "--predicate", required=True, metavar="KODE", help="predikat: WBK atau WBBM"
        )
        parser.add_argument(
            "--pin",
            action="extend",
            nargs="+",
            default=[],
            metavar="KODE",
            help="butir yang tahun ini tidak dapat diubah",
        )
        parser.add_argument(
            "--effort",
            metavar="UPAYA.json",
            help="upaya per langkah, 1 sampai 5, menurut kode butir",
        )
        parser.add_argument(
            "--index",
            action="extend",
            nargs="+",
            default=[],
            metavar="KODE=NILAI",
            help="indeks survei yang dituju, misalnya B.I.a.1=3.60",
        )

    def handle(self, *args, **options):
        outcome_json.run(self.stdout, self.outcome, options)

    def outcome(self, options) -> dict[str, Any]:
        """Return what to print. Raises AnswerError for all that is wrong with the request."""
        instrument = outcome_json.instrument(options["instrument"])
        answers = answer_file.read_answers(instrument, outcome_json.content(options["file"]))
        efforts = {}
        if options["effort"] is not None:
            efforts = answer_file.read_efforts(outcome_json.content(options["effort"]))
        found = planning.plan(
            instrument,
            answers,
            options["predicate"],
            pinned=options["pin"],
            efforts=efforts,
            index_targets=_targets(options["index"]),
        )
        return outcome_json.plan(found)


def _targets(texts: list[str]) -> dict[str, Decimal]:
    """Return the indices to reach by code. Raises AnswerError, also for a code named twice."""
    targets: dict[str, Decimal] = {}
    for code, index in map(_target, texts):
        if code in targets:
            message = "Target indeks butir ini disebut lebih dari sekali."
            raise scoring.AnswerError([scoring.Problem(scoring.shown(code), message)])
        targets[code] = index
    return targets


def _target(text: str) -> tuple[str, Decimal]:
    """Return code and index in "B.I.a.1=3.60". Raises AnswerError."""
    code, _, figure = text.partition("=")
    number = answer_file.parse_number(figure)
    if number is None:
        message = "Target indeks ditulis seperti B.I.a.1=3.60."
        raise scoring.AnswerError([scoring.Problem(scoring.shown(code), message)])
    return code, Decimal(number)
