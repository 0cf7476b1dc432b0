"""`hmi secret` tells no secret, `hmi trust` moves certificates."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from hmi.cli import main
from hmi.drivers.opcua.security.trust import TrustList, thumbprint
from hmi.resources import assets
from hmi.station.driver_data import driver_folder
from hmi.station.secret_store import SecretStore
from tests.helpers_drivers.opcua_certificates import a_certificate, a_key
from tests.helpers_drivers.wild import DRIVER, plugin

DEMO = ["--project", str(assets() / "demo")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(command: str, data: Path, *arguments: str, text: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [command, *DEMO, "--data", str(data), *arguments], input=text)
    return result.exit_code, result.stdout, result.stderr


def test_a_secret_is_piped_in_and_never_shown(data: Path) -> None:
    code, out, _ = run("secret", data, "set", "process", "password", text="hidden-word\n")
    assert (code, "hidden-word" in out) == (0, False)
    assert SecretStore(data).of("process") == {"password": "hidden-word"}
    code, out, _ = run("secret", data, "list")
    assert (code, out) == (0, "process  password\n")
    run("secret", data, "set", "process", "user_key", text="-----BEGIN\nlines\n-----END\n")
    assert SecretStore(data).of("process")["user_key"] == "-----BEGIN\nlines\n-----END"


@pytest.mark.parametrize(
    ("connection", "name", "words"), [("nowhere", "password", "no connection"), ("process", "pasword", "no secret")]
)
def test_what_does_not_exist_has_no_secret(data: Path, connection: str, name: str, words: str) -> None:
    code, _, err = run("secret", data, "set", connection, name, text="x\n")
    assert code == 1
    assert words in err
    assert SecretStore(data).names() == []


DESCRIBED = """
    title = "Wild"
    endpoint_example = "wild"
    address_example = "x"
    fields = (OptionField("token", "The door's word.", "", secret=True),)
"""


def test_the_secrets_of_a_plugin_are_known_by_the_folder_in_which_it_lies(data: Path, tmp_path: Path) -> None:
    code = DRIVER.replace("import API_VERSION", "import API_VERSION, OptionField")
    # A name of its own: a process imports a plugin once, and other tests have one that is called wild.
    plugin(data / "plugins", "porter", code.replace('    name = "wild"\n', f'    name = "porter"\n{DESCRIBED}'))
    project = tmp_path / "project"
    project.mkdir()
    (project / "project.toml").write_text('name = "Trial"\n')
    (project / "connections.toml").write_text('[door]\ndriver = "porter"\nendpoint = "wild"\n')
    arguments = ["secret", "--project", str(project), "--data", str(data), "set", "door"]
    wrong = CliRunner().invoke(main, [*arguments, "tokn"], input="x\n")
    assert (wrong.exit_code, "It has: token" in wrong.stderr) == (1, True)
    assert CliRunner().invoke(main, [*arguments, "token"], input="x\n").exit_code == 0
    assert SecretStore(data).names() == [("door", "token")]


def test_certificates_are_listed_accepted_rejected_and_added(data: Path, tmp_path: Path) -> None:
    certificate = a_certificate(a_key())
    mark = thumbprint(certificate)
    trusted = TrustList(driver_folder(data, "opcua"))
    trusted.note_rejected(certificate)
    code, out, _ = run("trust", data, "list")
    assert code == 0
    assert out.startswith(f"rejected  {mark}")
    assert run("trust", data, "accept", mark[:16])[0] == 0
    assert trusted.is_trusted(certificate)
    (one,) = json.loads(run("trust", data, "list", "--json")[1])
    assert (one["state"], one["thumbprint"]) == ("trusted", mark)
    assert run("trust", data, "reject", mark)[0] == 0
    assert not trusted.is_trusted(certificate)
    file = tmp_path / "server.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    assert run("trust", data, "add", str(file))[0] == 0
    assert trusted.is_trusted(certificate)
    file.write_text("rubbish")
    code, _, err = run("trust", data, "add", str(file))
    assert (code, "no certificate" in err) == (1, True)
    assert run("trust", data, "accept", "0000")[0] == 1
