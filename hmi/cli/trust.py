"""Certificates of OPC UA servers: which ones the station believes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hmi.cli.exits import sentences
from hmi.cli.folders import FOLDER
from hmi.core.errors import LinesideError


@click.group()
@click.option("--project", type=FOLDER, required=True, help="Project folder.")
@click.option("--data", type=FOLDER, help="The station's data folder, if it is not the usual one.")
@click.pass_context
@sentences
def trust(context: click.Context, project: Path, data: Path | None) -> None:
    """The certificates of OPC UA servers that the station believes."""
    from hmi.drivers.opcua.security.trust import TrustList
    from hmi.station.data_folder import open_data_folder
    from hmi.station.driver_data import DriverData
    from hmi.station.places import data_folder

    folder = open_data_folder(data if data is not None else data_folder(project))
    context.obj = TrustList(DriverData(folder.path).folder("opcua"))


@trust.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
@sentences
def list_(certificates: Any, as_json: bool) -> None:
    """Every certificate that was met or brought, with its SHA-256 thumbprint."""
    known = certificates.known()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in known], ensure_ascii=False))
        return
    for one in known:
        begins, ends = (datetime.fromtimestamp(time / 1e9, UTC).date() for time in (one.begins, one.ends))
        click.echo(f"{one.state.value:<8}  {one.thumbprint}  {begins} to {ends}  {one.subject}")


@trust.command()
@click.argument("thumbprint")
@click.pass_obj
@sentences
def accept(certificates: Any, thumbprint: str) -> None:
    """Trust the certificate whose THUMBPRINT begins so; compare it with the server's own display first."""
    one = certificates.accept(thumbprint)
    click.echo(f"{one.subject} is trusted; a running station connects within seconds.")


@trust.command()
@click.argument("thumbprint")
@click.pass_obj
@sentences
def reject(certificates: Any, thumbprint: str) -> None:
    """Take trust back from the certificate whose THUMBPRINT begins so."""
    one = certificates.reject(thumbprint)
    click.echo(f"{one.subject} is not trusted any more. Connections that are open last until they are made anew.")


@trust.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
@sentences
def add(certificates: Any, file: Path) -> None:
    """Trust the certificate in FILE (DER or PEM): a server's, or that of an authority which issues them."""
    from cryptography import x509

    data = file.read_bytes()
    try:
        is_text = data.startswith(b"-----")
        certificate = x509.load_pem_x509_certificate(data) if is_text else x509.load_der_x509_certificate(data)
    except ValueError as fault:
        raise LinesideError(f"{file} is no certificate.", "Give one in DER or PEM form.") from fault
    click.echo(f"{certificates.add(certificate).subject} is trusted.")
