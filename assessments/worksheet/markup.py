"""The HTML of rows, built as text: templates are too slow for 113 of them.

Everything that comes from a person or an instrument passes ``_e``; the tests hold that.
"""

from __future__ import annotations

from datetime import datetime
from html import escape as _e

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.models import Assessment, Track
from assessments.worksheet.evidence import EvidenceView
from assessments.worksheet.rows import Chip, Difference, OptionView, RowView
from assessments.worksheet.words import vocabulary
from zona.templatetags.zona_numbers import day, deadline
from zona.templatetags.zona_ui import icon

CONDITION_AT_REST = 220


class RowPrinter:
    """Prints the rows of one page.

    token: the CSRF token of the plain forms. current: the code of the row in work. light: leave
    out the work part of all other rows; the browser loads it when a row is opened.
    """

    def __init__(
        self, assessment: Assessment, *, token: str, current: str = "", light: bool = False
    ) -> None:
        self.assessment = assessment
        self.token, self.current, self.light = _e(token), current, light
        self.save_url = reverse("assessments:row_save", args=[assessment.pk])
        self.accept_url = reverse("assessments:row_accept", args=[assessment.pk])
        self.confirm_url = reverse("assessments:row_confirm", args=[assessment.pk])
        self.return_url = reverse("assessments:transition", args=[assessment.pk, "return_rows"])
        self.figure_url = reverse("assessments:figure", args=[assessment.pk, "KODE"])
        self.due = ""
        if assessment.repair_due:
            said = _("Batas perbaikan: {due}.").format(due=deadline(assessment.repair_due))
            self.due = f" {_e(said)}"
        said = vocabulary()
        self.words, self.icons = said.words, said.icons
        self.reasons, self.methods = said.reasons, said.methods

    def article(self, row: RowView, *, with_evidence: bool = True) -> SafeString:
        """Return a row.

        with_evidence: False leaves out what was not loaded; the browser keeps what it has.
        """
        code, on = row.code, row.code == self.current
        work = ""
        if on or not self.light:
            inside = self._fields if row.writable else self._facts
            work = inside(row, with_evidence)
        classes = f"z-item{' is-on' if on else ''}{' is-done' if row.done else ''}"
        marks = (
            f"{' data-computed' if row.is_computed else ''}"
            f"{' data-writable' if row.writable else ''}"
            f"{' data-light' if self.light and not on else ''}"
            f"{' hidden' if row.hidden else ''}"
        )
        form = (self._form(row), "</form>") if row.writable else ("", "")
        return mark_safe(  # every part is escaped where it is made
            f'<article class="{classes}" id="{code}" aria-labelledby="q-{code}" data-row="{code}"'
            f' data-version="{row.version}" data-flags="{row.flags}" data-track="{row.track}"'
            f"{marks}>{form[0]}{self._head(row)}"
            f'<div class="z-item-body">{self._note(row)}{self._value(row)}'
            f'<div class="z-item-line z-rest" data-part="line">{self._line(row)}</div>'
            f'<div class="z-item-line z-rest" data-part="chips">{self._chips(row)}</div>'
            f'<div data-part="note">{self._returned(row)}</div>{self._quote(row)}'
            f'<div data-clash></div><div class="z-work">{work}</div></div>{form[1]}</article>'
        )

    def _form(self, row: RowView) -> str:
        hidden = (
            ("csrfmiddlewaretoken", self.token),
            ("code", row.code),
            ("track", row.track),
            ("base_version", row.version),
            ("base", _e(row.base)),
            ("full", "" if self.light and row.code != self.current else "1"),
        )
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{value}">' for name, value in hidden
        )
        return f'<form method="post" action="{self.save_url}" autocomplete="off">{fields}'

    def _head(self, row: RowView) -> str:
        said = ""
        if row.changed_at is not None:
            said = (
                f'{self.icons["check"]}<span class="visually-hidden">{self.words["saved"]} </span>'
                f'<time datetime="{row.changed_at.isoformat()}">{short_moment(row.changed_at)}'
                "</time>"
            )
        return (
            f'<div class="z-item-head"><span class="z-code">{row.code}</span>'
            f'<h3 id="q-{row.code}"><a href="?butir={row.code}#{row.code}" data-open>'
            f'{_e(row.statement)}</a></h3><span class="z-say" data-say>{said}</span></div>'
        )

    def _note(self, row: RowView) -> str:
        if not row.unit_note:
            return ""
        when = f", {day(row.unit_note_at)}" if row.unit_note_at else ""
        return (
            f'<p class="z-unit-note z-work">{_lines(row.unit_note)} '
            f'<span class="z-3rd">{self.words["unit_note"]}{when}</span></p>'
        )

    # The value: counts or options -----------------------------------------------------------

    def _value(self, row: RowView) -> str:
        if row.is_computed:
            return f'{self._counts(row)}<div data-part="formula">{self._formula(row)}</div>'
        return self._options(row) if row.writable else self._read_options(row)

    def _counts(self, row: RowView) -> str:
        heads = "".join(f'<th scope="col" class="z-num">{_e(str(name))}</th>' for name in row.heads)
        lines = []
        for item in row.inputs:
            name, label = _e(item.name), _e(item.label)
            others = "".join(f"<td>{_e(value)}</td>" for value in item.others)
            field = _e(item.value) or "–"
            if row.writable:
                label = f'<label for="i-{row.code}-{name}">{label}</label>'
                field = (
                    f'<input class="form-control" id="i-{row.code}-{name}" name="inputs.{name}"'
                    f' inputmode="{item.mode}" value="{_e(item.value)}" maxlength="16">'
                )
            lines.append(f'<tr><th scope="row">{label}</th>{others}<td>{field}</td></tr>')
        return (
            f'<table class="z-calc"><thead><tr><th scope="col">{self.words["input"]}</th>{heads}'
            f'<th scope="col" class="z-num">{_e(str(row.own_head))}</th></tr></thead>'
            f"<tbody>{''.join(lines)}</tbody></table>"
        )

    def _formula(self, row: RowView) -> str:
        formula = row.formula
        if formula is None:
            return ""
        words, own = self.words, ""
        if formula.sum:
            own = (
                f"<span><b>{_e(formula.sum)}</b></span>"
                f"<span>× {words['weight']} {formula.weight}</span>"
                f"<span>= <b>{formula.points} {words['points']}</b></span>"
            )
        others = "".join(
            f'<span class="z-3rd">{_e(str(name))}: {_e(said)}, {points} {words["points"]}</span>'
            for name, said, points in formula.others
        )
        notes = "".join(f'<span class="z-3rd z-full">{_e(note)}</span>' for note in formula.notes)
        return f'<div class="z-formula">{own}{others}{notes}</div>'

    def _options(self, row: RowView) -> str:
        labels = "".join(
            f"<label{_unit_class(option)}>"
            f'<input type="radio" name="choice" value="{_e(option.code)}" data-key="{option.key}"'
            f"{' checked' if option.chosen else ''}>{self._option(option)}</label>"
            for option in row.options
        )
        legend = f"{self.words['value']} {_e(str(row.own_head))} {self.words['row']} {row.code}"
        return (
            f'<fieldset class="z-opts{_words_class(row)}">'
            f'<legend class="visually-hidden">{legend}</legend>{labels}</fieldset>'
        )

    def _read_options(self, row: RowView) -> str:
        chosen = f'<span class="visually-hidden">{self.words["chosen"]}: </span>'
        lines = "".join(
            f'<li class="{"is-chosen " if option.chosen else ""}'
            f'{"is-unit" if option.is_unit else ""}">'
            f"{self._option(option, chosen if option.chosen else '')}</li>"
            for option in row.options
        )
        kind = f"is-read{_words_class(row)}"
        return f'<ul class="z-opts {kind}" aria-label="{self.words["options"]}">{lines}</ul>'

    def _option(self, option: OptionView, before: str = "") -> str:
        marks = "".join(
            f'<span class="z-chip is-line">{_e(str(mark))}</span>' for mark in option.marks
        )
        return (
            f'<span class="k">{_e(option.code)}</span>'
            f'<span class="c">{before}{_e(option.criteria)}</span>'
            f'<span class="v">{marks}<span>{option.value}</span></span>'
        )

    # At rest --------------------------------------------------------------------------------

    def _line(self, row: RowView) -> str:
        differs = row.difference is not None and row.difference.points
        parts = [self._difference(row.difference)] if differs else []
        if row.chosen_criteria:
            parts.append(f'<span class="z-2nd z-small">{_e(row.chosen_criteria)}</span>')
        elif row.awaits_data and not row.answered:
            parts.append(self._say("hourglass", self.words["awaits"], "info"))
        elif not row.answered:
            parts.append(self._say("circle-dashed", self.words["unanswered"]))
        if row.handed:
            parts.append(self._say("arrow-left-right", _e(row.handed), "info"))
        if row.last:
            parts.append(self._last(row))
        return "".join(parts)

    def _difference(self, difference: Difference) -> str:
        points = ""
        if difference.points:
            points = (
                f'<span class="z-say is-{difference.kind or "none"}">{difference.points} '
                f"{self.words['points']}</span>"
            )
        return (
            f'<span class="z-diff">{self.words["unit"]} <b>{_e(difference.unit)}</b> '
            f"{self.icons['arrow-right']} {self.words['tpi']} <b>{_e(difference.tpi)}</b>"
            f"{points}</span>"
        )

    def _say(self, name: str, text: str, kind: str = "") -> str:
        extra = f" is-{kind}" if kind else ""
        return f'<span class="z-say{extra}">{self.icons[name]}{text}</span>'

    def _chip(self, chip: Chip | None) -> str:
        if chip is None:
            return ""
        kind = f" is-{chip.kind}" if chip.kind else ""
        return f'<span class="z-chip{kind}">{self.icons[chip.icon]}{_e(str(chip.label))}</span>'

    def _chips(self, row: RowView) -> str:
        checked = any(chip and chip.kind for chip in (row.document, row.implementation_chip))
        checks = (row.document, row.implementation_chip) if checked else ()
        chips = "".join(self._chip(chip) for chip in (*checks, row.review))
        if row.evidence_count:
            said = f"{row.evidence_count} {self.words['pieces']}"
            chips += self._say("paperclip", said)
        return chips

    def _returned(self, row: RowView) -> str:
        notes = []
        if row.repair_reason:
            notes.append(
                f'<div class="z-note is-warn">{self.icons["undo-2"]}<div>'
                f"<b>{_e(row.repair_reason)}.</b> {_lines(row.repair_note)}{self.due}</div></div>"
            )
        notes += [
            f'<div class="z-note is-bad">{self.icons["triangle-alert"]}<div>{_e(text)}</div></div>'
            for text in row.warnings
        ]
        return "".join(notes)

    def _quote(self, row: RowView) -> str:
        text = row.condition
        if len(text) > CONDITION_AT_REST:
            text = text[: CONDITION_AT_REST - 1].rstrip() + "…"
        hidden = "" if text else " hidden"
        return f'<p class="z-cond z-rest" data-part="cond"{hidden}>{_e(text)}</p>'

    # In work --------------------------------------------------------------------------------

    def _fields(self, row: RowView, with_evidence: bool) -> str:
        strip = self._strip(row) if with_evidence else ""
        evidence = f'<p class="z-label">{self.words["evidence"]}</p>{strip}'
        label = self.words["unit_note" if row.track == Track.UNIT else "condition"]
        own_text = (
            f'<div class="mt-3"><label class="form-label" for="f-{row.code}-condition">{label}'
            f'</label><textarea class="form-control" id="f-{row.code}-condition" name="condition"'
            f' rows="3" data-key="U">\n{_e(row.condition)}</textarea></div>'
        )
        if row.is_tpi:
            middle = (
                f'{self._checks(row, with_evidence)}{own_text}<div class="z-pair mt-2">'
                f"<div>{self._reason(row)}</div><div>{evidence}</div></div>{self._advice(row)}"
            )
        else:
            middle = f'{own_text}{self._unit_extras(row)}<div class="mt-2">{evidence}</div>'
        return f'{middle}<div data-part="hints">{self._hints(row)}</div>{self._foot(row)}'

    def _checks(self, row: RowView, with_evidence: bool) -> str:
        words = self.words
        text = (
            f'<p class="form-text mt-1" data-part="document-text">{_e(row.document_text)}</p>'
            if with_evidence
            else ""
        )
        radios = "".join(
            f'<label><input type="radio" name="implementation_check" value="{value}"'
            f' data-key="{key}"{" checked" if row.implementation == value else ""}>'
            f'<span class="is-{kind}">{self.icons[sign]}{words[value]}</span></label>'
            for key, value, kind, sign in (
                ("1", "done", "ok", "check"),
                ("2", "partly", "warn", "contrast"),
                ("3", "not_done", "bad", "circle-x"),
            )
        )
        return (
            f'<div class="z-pair"><div><p class="z-label">{words["document"]}</p>'
            f'<span data-part="document">{self._chip(row.document)}</span>{text}</div><div>'
            f'<fieldset class="z-seg"><legend>{words["implementation"]}</legend>{radios}</fieldset>'
            f"{self._how(row)}</div></div>"
        )

    def _how(self, row: RowView) -> str:
        words = self.words
        when = row.checked_on.isoformat() if row.checked_on else ""
        return (
            '<details class="z-more z-how"><summary>'
            f'<span data-part="how">{self._how_said(row)}</span></summary>'
            f'<div class="z-how-grid"><label><span class="form-label">{words["method"]}</span>'
            f'<select class="form-select" name="check_method">{_choices(self.methods, row.method)}'
            f'</select></label><label><span class="form-label">{words["date"]}</span>'
            f'<input class="form-control" type="date" name="checked_on" value="{when}"></label>'
            f'<label class="z-wide"><span class="form-label">{words["place"]}</span>'
            '<input class="form-control" name="check_place" maxlength="150"'
            f' value="{_e(row.place)}"></label></div></details>'
        )

    def _how_said(self, row: RowView) -> str:
        """Return how, where and when the implementation was seen, as one line."""
        said = self._seen(row)
        if not said:
            return f"<b>{self.words['how']}</b>"
        return f"{said}. <b>{self.words['change']}</b>"

    def _seen(self, row: RowView) -> str:
        when = day(row.checked_on) if row.checked_on else ""
        return ", ".join(part for part in (_e(row.method_label), _e(row.place), when) if part)

    def _reason(self, row: RowView) -> str:
        return (
            f'<label class="form-label" for="f-{row.code}-reason">{self.words["reason"]}</label>'
            f'<select class="form-select" id="f-{row.code}-reason" name="reason" data-key="R">'
            f"{_choices(self.reasons, row.reason)}</select>"
        )

    def _advice(self, row: RowView) -> str:
        opened = " open" if row.advice else ""
        return (
            f'<details class="z-more mt-2"{opened}><summary>{self.words["advice"]}</summary>'
            f'<textarea class="form-control" name="advice" rows="2"'
            f' aria-label="{self.words["advice"]}">\n{_e(row.advice)}</textarea></details>'
        )

    def _unit_extras(self, row: RowView) -> str:
        parts = []
        if row.track == Track.UNIT:
            checked = " checked" if row.awaits_data else ""
            parts.append(
                '<label class="form-check mt-2"><input class="form-check-input" type="checkbox"'
                f' name="awaits_data" value="1"{checked}> <span class="form-check-label">'
                f"{self.words['awaits_long']}</span></label>"
            )
        return "".join(parts) + self._tpi_texts(row)

    def _tpi_texts(self, row: RowView) -> str:
        """Return what the TPI wrote, on a page of another side."""
        return "".join(
            f'<p class="z-label mt-2">{self.words[word]}</p><p class="z-cond">{_lines(text)}</p>'
            for word, text in (("tpi_note", row.tpi_condition), ("advice", row.advice))
            if text
        )

    def _strip(self, row: RowView) -> str:
        links = "".join(self._piece(item) for item in row.strip)
        if row.strip_rest:
            links += f'<a href="#bukti" data-evidence>{row.strip_rest} {self.words["more"]}</a>'
        if not links:
            links = self._say("circle-dashed", self.words["no_evidence"])
        return f'<div class="z-strip" data-part="strip">{links}</div>'

    def _piece(self, item: EvidenceView) -> str:
        sign = self.icons["paperclip"]
        if item.verdict:
            sign = str(icon(item.icon, f"is-{item.sign}", str(item.verdict_label)))
        page = f", {self.words['page']} {_e(item.page)}" if item.page else ""
        return (
            f'<a href="#b{item.use_id}" data-evidence="{item.use_id}">{sign}'
            f"<span>{_e(item.title)}{page}</span></a>"
        )

    def _hints(self, row: RowView) -> str:
        lines = "".join(f"<li>{self.icons['info']}{_e(hint)}</li>" for hint in row.hints)
        return f'<ul class="z-hints">{lines}</ul>' if lines else ""

    def _foot(self, row: RowView) -> str:
        words, accept = self.words, ""
        if row.is_tpi:
            stands = ""
            if row.is_open_repair:
                stands = (
                    '<button class="btn btn-sm btn-quiet" type="submit"'
                    f' formaction="{self.confirm_url}" data-confirm-row>{words["stands"]}</button>'
                )
            accept = (
                f'<span data-part="stands">{stands}</span>'
                f'<a class="btn btn-sm btn-quiet" href="{self.return_url}?butir={row.code}">'
                f"{self.icons['undo-2']}{words['return']}</a>"
                f'<button class="btn btn-sm btn-quiet" type="submit" formaction="{self.accept_url}"'
                f" data-accept>{self.icons['check']}{words['accept']}</button>"
            )
        return (
            f'<div class="z-item-foot"><div class="z-split" data-part="diff">{self._figures(row)}'
            '</div><div class="z-row"><button class="btn btn-sm btn-quiet z-no-script"'
            f' type="submit" name="act" value="save">{words["save"]}</button>{accept}'
            '<button class="btn btn-sm btn-primary" type="submit" name="act" value="next"'
            f" data-next>{words['next']}{self.icons['chevron-down']}</button></div></div>"
        )

    def _figures(self, row: RowView) -> str:
        difference = self._difference(row.difference) if row.difference else ""
        handed = self._say("arrow-left-right", _e(row.handed), "info") if row.handed else ""
        last = self._last(row) if row.last else ""
        url = f"{self.figure_url.replace('KODE', row.code)}?jalur={row.track}"
        return (
            f'{difference}{handed}{last}<a class="z-small" href="{url}" data-explain>'
            f"{self.words['why']}</a>"
        )

    def _last(self, row: RowView) -> str:
        said = f"{self.words['tpi']} {row.last_year}: {_e(row.last)}"
        if row.last_gap:
            said = f"{row.last_year}: {_e(row.last_gap)}"
        return f'<span class="z-3rd z-small">{said}</span>'

    def _facts(self, row: RowView, with_evidence: bool) -> str:
        """Return what a reader sees below the value."""
        words, parts = self.words, []
        if row.implementation_chip is not None:
            how = self._seen(row)
            parts.append(
                f'<div class="z-pair"><div><p class="z-label">{words["document"]}</p>'
                f'{self._chip(row.document)}<p class="form-text mt-1">{_e(row.document_text)}</p>'
                f'</div><div><p class="z-label">{words["implementation"]}</p>'
                f'{self._chip(row.implementation_chip)}<p class="form-text mt-1">{how}</p></div>'
                "</div>"
            )
        own = words["unit_note" if row.track == Track.UNIT else "condition"]
        for label, text in (
            (own, row.condition),
            (words["tpi_note"], row.tpi_condition),
            (words["reason"], row.reason_label),
            (words["advice"], row.advice),
        ):
            if text:
                parts.append(
                    f'<p class="z-label mt-3">{label}</p><p class="z-text">{_lines(text)}</p>'
                )
        if with_evidence and row.evidence:
            parts.append(f'<p class="z-label mt-3">{words["evidence"]}</p>{self._strip(row)}')
        parts.append(
            f'<div class="z-item-foot"><div class="z-split">{self._figures(row)}</div>'
            f'<a class="btn btn-sm btn-quiet" href="#" data-next>{words["next"]}'
            f"{self.icons['chevron-down']}</a></div>"
        )
        return "".join(parts)


def short_moment(value: datetime) -> str:
    """Write when a row was saved, as short as a row needs it: ``14.02`` today, ``14 Apr`` before.

    A year that is not this one is added.
    """
    local, today = timezone.localtime(value), timezone.localdate()
    if local.date() == today:
        return local.strftime("%H.%M")
    return format_date(local, "j M" if local.year == today.year else "j M Y")


def _unit_class(option: OptionView) -> str:
    return ' class="is-unit"' if option.is_unit else ""


def _words_class(row: RowView) -> str:
    """Return the class of a row whose options are words, not letters."""
    return " is-words" if any(len(option.code) > 2 for option in row.options) else ""


def _choices(choices: list[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{label}</option>'
        for value, label in choices
    )


def _lines(text: str) -> str:
    """Return typed text with its line breaks."""
    return _e(text).replace("\n", "<br>")
