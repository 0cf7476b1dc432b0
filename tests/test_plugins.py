"""Every plugin has the same layout, so that who knows one finds everything in the next."""

import ast
import tomllib
from pathlib import Path

import pytest

from hmi.drivers.api import API_VERSION
from hmi.drivers.plugin.manifest import read_manifest
from hmi.drivers.plugin.quality import RULES, flaws

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = sorted(file.parent for file in (ROOT / "plugins").glob("*/plugin.toml"))
each_plugin = pytest.mark.parametrize("plugin", PLUGINS, ids=lambda folder: folder.name)


def sources(plugin: Path) -> list[Path]:
    return [path for path in sorted(plugin.rglob("*.py")) if "tests" not in path.relative_to(plugin).parts]


def test_every_folder_of_code_is_a_plugin():
    folders = {
        file.parents[len(file.relative_to(ROOT / "plugins").parts) - 2] for file in (ROOT / "plugins").rglob("*/*.py")
    }
    assert sorted(folders) == PLUGINS


@each_plugin
def test_it_has_the_parts(plugin):
    expected = ("__init__.py", "driver.py", "README.md", "quality.toml")
    assert not [name for name in expected if not (plugin / name).is_file()]
    assert list((plugin / "tests").glob("test_*.py"))
    assert ast.get_docstring(ast.parse((plugin / "__init__.py").read_text(encoding="utf-8")))


@each_plugin
def test_its_manifest_fits_this_station(plugin):
    manifest = read_manifest(plugin)
    assert manifest.api == API_VERSION
    assert manifest.licence == "Apache-2.0"
    assert manifest.driver == "driver:DRIVER"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(manifest.requires) == set(extras[manifest.extra] if manifest.extra else ()), "the extra installs it"


@each_plugin
def test_its_quality_sheet_answers_every_rule(plugin):
    assert flaws(plugin) == []


@each_plugin
def test_its_readme_tells_its_address_and_options(plugin):
    text = (plugin / "README.md").read_text(encoding="utf-8")
    assert not [word for word in ("connections.toml", "Address", "Option", "Counters") if word not in text]


@each_plugin
def test_it_imports_itself_by_relative_imports(plugin):
    # A wheel has plugins below `hmi`, a station's own folder has them under a name of its own.
    absolute = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(plugin)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(name.split(".")[0] == "plugins" for name in _names(node))
    ]
    assert not absolute


def _names(node):
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


@each_plugin
def test_its_package_imports_nothing(plugin):
    tree = ast.parse((plugin / "__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_rules_are_sentences():
    assert all(rule.endswith(".") and name == name.lower() for name, rule in RULES.items())


def test_a_poor_sheet_is_found(tmp_path):
    (tmp_path / "quality.toml").write_text(
        '[addresses]\nstate = "done"\nproof = "gone.py"\n[options]\nstate = "todo"\n[odd]\nstate = "exempt"\n'
    )
    found = flaws(tmp_path)
    assert "addresses: is done, but its proof 'gone.py' is no file of the plugin" in found
    assert "options: is todo without a reason" in found
    assert "odd: is no rule" in found
    assert "licence: is not answered" in found
