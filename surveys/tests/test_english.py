"""The English of the public page: whole, and the compiled file is that of the text file."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES"
PUBLIC = [
    *sorted((Path(settings.BASE_DIR) / "templates" / "surveys" / "public").glob("*.html")),
    Path(settings.BASE_DIR) / "surveys" / "public_form.py",
    Path(settings.BASE_DIR) / "surveys" / "public_views.py",
    Path(settings.BASE_DIR) / "surveys" / "templatetags" / "survey_tags.py",
]


def entries() -> dict[str, list[str]]:
    """Return the texts of the .po file: each msgid with its translations."""
    found, current, kind = {}, [], ""
    for line in (FOLDER / "django.po").read_text(encoding="utf-8").splitlines():
        match = re.match(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', line)
        if match:
            kind, text = match.group(1), ast.literal_eval(match.group(2))
            if kind == "msgid":
                current = found.setdefault(text, [])
            elif kind.startswith("msgstr"):
                current.append(text)
        elif line.startswith('"') and kind.startswith("msgstr"):
            current[-1] += ast.literal_eval(line)
    found.pop("")
    return found


def words_of(path: Path) -> set[str]:
    """Return the texts that a public file marks for translation."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return {
            node.args[0].value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("_", "ngettext")
        }
    plain = set(re.findall(r'{%\s*translate "([^"]+)"', text))
    blocks = re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*(?:plural|endblock)", text, re.S)
    return plain | {re.sub(r"{{ (\w+) }}", r"%(\1)s", block.strip()) for block in blocks}


@pytest.mark.parametrize("path", PUBLIC, ids=lambda path: path.name)
def test_every_public_text_has_its_english(path):
    known = {text for text, said in entries().items() if all(said) and said}

    assert words_of(path) - known == set()


def test_the_compiled_file_says_what_the_text_file_says():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    told = {
        text: [compiled.gettext(text)]
        if len(said) == 1
        else [compiled.ngettext(text, text, 1), compiled.ngettext(text, text, 2)]
        for text, said in entries().items()
    }

    assert told == entries()
