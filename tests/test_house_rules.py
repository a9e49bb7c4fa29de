"""The rules that keep the house in order, held by reading its own source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from units.access import Role

BASE_DIR = Path(__file__).resolve().parent.parent
APPS = ["units", "surveys", "assessments", "assistance"]  # each may import those before it
CELLAR = [
    "audit",
    "charts",
    "files",
    "jobs",
    "links",
    "models",
    "pages",
    "panels",
    "pdf",
    "scanner",
    "triggers",
    "invariants",
    "logging",
]
PURE = [
    "assessments.scoring",
    "assessments.planning",
    "assessments.instrument_file",
    "surveys.index",
    "surveys.index_file",
    "surveys.strict_json",
    "surveys.statistics",
    "surveys.tally",
    "surveys.disclosure",
]
MARKUP_BUILDERS = {  # escaping is tested where each is
    "assessments/dashboard/gates.py",
    "assessments/dashboard/page.py",
    "assessments/worksheet/bar_markup.py",
    "assessments/worksheet/markup.py",
    "zona/charts/heat.py",
    "zona/charts/svg.py",
    "zona/templatetags/zona_ui.py",
}
TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))


def sources(*folders: str) -> list[Path]:
    """Return all Python files of ours in these folders."""
    return sorted(path for folder in folders for path in (BASE_DIR / folder).rglob("*.py"))


def product(*folders: str) -> list[Path]:
    """Return what runs. Tests may use the whole house: what could leak must first exist."""
    return [path for path in sources(*folders) if "tests" not in path.parts]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, inside functions too."""
    package = ".".join(path.relative_to(BASE_DIR).with_suffix("").parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: -node.level]
                base = ".".join([*parents, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def strings(path: Path) -> Iterator[str]:
    """Yield every string of a file but its docstrings."""
    module = tree(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def place(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


def apps_above(app: str) -> list[str]:
    return APPS[APPS.index(app) + 1 :]


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_the_apps_below_it(app):
    wrong = [
        f"{place(path)}: {name}"
        for path in product(app)
        for name in imported(path)
        if name.split(".")[0] in apps_above(app)
    ]

    assert wrong == []


@pytest.mark.parametrize("app", APPS[:-1])
def test_an_app_names_no_app_above_it_in_a_string(app):
    above = "|".join(apps_above(app))
    model_or_address = re.compile(rf"({above})([.:]\w|$)")

    wrong = [
        f"{place(path)}: {text!r}"
        for path in product(app)
        for text in strings(path)
        if model_or_address.match(text)
    ]

    assert wrong == []


@pytest.mark.parametrize("app", APPS[:-1])
def test_an_apps_pages_link_to_no_app_above_it(app):
    link = re.compile(rf"""\{{%\s*(url|include)\s+["']({"|".join(apps_above(app))})[:/]""")

    wrong = [
        f"{place(path)}: {match.group(0)}"
        for path in TEMPLATES
        if path.is_relative_to(BASE_DIR / "templates" / app)
        for match in link.finditer(path.read_text())
    ]

    assert wrong == []


def zona_imports() -> dict[str, set[str]]:
    """Return for each module of zona what of this house it imports, at first hand."""
    return {
        ".".join(path.relative_to(BASE_DIR).with_suffix("").parts): {
            name for name in imported(path) if name.split(".")[0] in [*APPS, "zona"]
        }
        for path in sources("zona")
    }


def reaches_an_app(module: str, direct: dict[str, set[str]]) -> list[str]:
    """Return the way from a module of zona to an app, empty when there is none."""
    seen, ways = {module}, [[module]]
    while ways:
        way = ways.pop()
        for name in direct.get(way[-1], ()):
            if name.split(".")[0] in APPS:
                return [*way, name]
            if name in direct and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def test_the_cellar_knows_no_app():
    direct = zona_imports()

    ways = {name: reaches_an_app(f"zona.{name}", direct) for name in CELLAR}

    assert ways == {name: [] for name in CELLAR}


def test_apps_stand_on_the_cellar_and_never_reach_for_the_roof():
    direct = zona_imports()

    wrong = [
        f"{place(path)}: {name}"
        for path in product(*APPS)
        for name in imported(path)
        if reaches_an_app(name, direct)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "module", [name for name in PURE if (BASE_DIR / f"{name.replace('.', '/')}.py").exists()]
)
def test_scoring_and_planning_need_no_django(module):
    code = f"import sys; sys.modules['django'] = None; sys.modules['celery'] = None;import {module}"

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    "module", ["assessments/scoring", "assessments/planning", "surveys/index", "surveys/statistics"]
)
def test_scoring_and_planning_are_exact(module):
    path = BASE_DIR / f"{module}.py"
    nodes = list(ast.walk(tree(path))) if path.exists() else []

    inexact = [
        node.lineno
        for node in nodes
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]

    assert inexact == []


def test_one_file_knows_the_maker_of_pdfs():
    importers = [
        place(path)
        for path in sources("zona", *APPS)
        if any(name.split(".")[0] == "weasyprint" for name in imported(path))
    ]

    assert importers == ["zona/pdf.py"]


def test_the_supervisor_needs_the_standard_library_alone():
    foreign = {
        name.split(".")[0] for name in imported(BASE_DIR / "zona" / "serve.py")
    } - sys.stdlib_module_names

    assert foreign == set()


FORBIDDEN_IN_TEMPLATES = {
    "a safe filter": re.compile(r"\|\s*safe(seq)?\b"),
    "autoescape off": re.compile(r"autoescape\s+off"),
    "an inline style": re.compile(r"""\sstyle\s*=\s*["']|<style\b""", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "an address elsewhere": re.compile(r"""\b(src|href)\s*=\s*["'](https?:)?//(?!www\.w3\.org)"""),
}


@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_no_template_holds(what):
    wrong = [
        f"{place(path)}: {match.group(0)}"
        for path in TEMPLATES
        for match in FORBIDDEN_IN_TEMPLATES[what].finditer(path.read_text())
    ]

    assert wrong == []


def test_markup_is_built_in_code_in_few_places():
    builders = {
        place(path)
        for path in sources("zona", *APPS)
        if any(name.endswith((".mark_safe", ".SafeString")) for name in imported(path))
    }

    assert builders == MARKUP_BUILDERS


def test_roles_are_named_in_the_access_module_alone():
    roles = {role.value for role in Role}
    allowed = {"units/access.py"}

    wrong = [
        f"{place(path)}: {text!r}"
        for path in sources("zona", *APPS)
        if place(path) not in allowed and not {"migrations", "tests"} & set(path.parts)
        for text in strings(path)
        if text in roles
    ]

    assert wrong == []


def test_every_requirement_is_pinned_and_says_what_needs_it():
    line_of_ours = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[\w.]+ +# \S.*")

    wrong = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (BASE_DIR / name).read_text().splitlines()
        if line and not line.startswith(("#", "-r ")) and not line_of_ours.fullmatch(line)
    ]

    assert wrong == []


def test_no_year_stands_in_a_name():
    year = re.compile(r"20\d\d")

    named = [place(path) for path in sources("zona", *APPS) if year.search(path.name)]
    named += [
        f"{place(path)}: {node.name}"
        for path in sources("zona", *APPS)
        if "migrations" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and year.search(node.name)
    ]

    assert named == []


def test_migrations_are_named_for_their_purpose():
    nameless = [place(path) for path in sources(*APPS, "zona") if re.search(r"\d_auto_", path.name)]

    assert nameless == []


def test_nothing_is_left_for_later():
    words = ["TO" + "DO", "FIX" + "ME", "X" * 3, "pragma: " + "no cover", "x" + "fail"]
    later = re.compile("|".join(words))
    files = [
        path
        for pattern in ("*.py", "*.html", "*.js", "*.css", "*.sh")
        for folder in ("zona", *APPS, "templates", "static/js", "static/css", "tests", "bin")
        for path in (BASE_DIR / folder).rglob(pattern)
    ]

    assert [place(path) for path in files if later.search(path.read_text())] == []
