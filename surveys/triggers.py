"""What the database itself refuses: changing answers, locked results, questionnaires in use.

Single answers may be deleted only after their retention, once the survey says so.
"""

from zona.triggers import immutable_rows

_FROZEN_PARENT = (
    "EXISTS (SELECT 1 FROM surveys_questionnaire q"
    " WHERE q.id = {row}.questionnaire_id AND q.frozen_at IS NOT NULL)"
)
_KEPT = (
    "EXISTS (SELECT 1 FROM surveys_survey s WHERE s.id = {row}.survey_id AND s.erased_at IS NULL)"
)
_KEPT_VALUE = (
    "EXISTS (SELECT 1 FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id"
    " WHERE r.id = {row}.response_id AND s.erased_at IS NULL)"
)

immutable_rows(
    "surveys_questionnaire",
    when="{row}.frozen_at IS NOT NULL",
    message="a questionnaire in use never changes",
)
for table in ("surveys_element", "surveys_question"):
    immutable_rows(
        table,
        when=_FROZEN_PARENT,
        events=("INSERT", "UPDATE", "DELETE"),
        message="a questionnaire in use never changes",
    )

immutable_rows(
    "surveys_response",
    columns=(
        "survey_id",
        "service_id",
        "month",
        "mode",
        "language",
        "notice",
        "profile",
        "flags",
        "batch_id",
    ),
    events=("UPDATE",),
    message="an answer never changes",
)
immutable_rows(
    "surveys_response", when=_KEPT, events=("DELETE",), message="an answer is kept until its term"
)
immutable_rows("surveys_responsevalue", events=("UPDATE",), message="an answer never changes")
immutable_rows(
    "surveys_responsevalue",
    when=_KEPT_VALUE,
    events=("DELETE",),
    message="an answer is kept until its term",
)
immutable_rows("surveys_exclusion", events=("UPDATE",), message="an exclusion is history")
immutable_rows(
    "surveys_exclusion",
    when=_KEPT_VALUE,
    events=("DELETE",),
    message="an exclusion is kept with its answer",
)
immutable_rows("surveys_result", message="a locked result never changes")
immutable_rows("surveys_reopening", message="a reopening is history")
immutable_rows("surveys_externalindex", message="an external index is followed by a new version")
