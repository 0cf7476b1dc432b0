"""A CSV file is read in pieces, with the line of every row."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.errors import LinesideError
from hmi.historian.backfill import csv_rows
from hmi.historian.backfill.csv_rows import read_chunks

HEAD = "tag,time,value,status\n"


def read(path: Path, rows: int = 100_000) -> tuple[list[tuple[int, tuple[str, ...]]], list[str]]:
    """Line and cells of each row, and what is wrong."""
    found, wrong = [], []
    for chunk in read_chunks(path, rows):
        columns = list(zip(*chunk.cells.values(), strict=True))
        found += [(chunk.line(row), columns[row]) for row in range(len(chunk))]
        wrong += [str(finding) for finding in chunk.findings]
    return found, wrong


def file(folder: Path, content: str | bytes) -> Path:
    path = folder / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_rows_have_the_line_an_editor_shows(tmp_path: Path, rows: int) -> None:
    content = '\ufefftag,TIME, value\r\na,1,2\r\n\r\na,2,"x\ny"\nb,3\nb,4,"""q"", z"\n\n'
    found, wrong = read(file(tmp_path, content), rows)
    assert found == [(2, ("a", "1", "2")), (4, ("a", "2", "x\ny")), (7, ("b", "4", '"q", z'))]
    assert wrong == ["line 6: 2 cells instead of 3"]


cells = st.text(alphabet="ab,\"\n\r'é ", max_size=5)


@given(st.lists(st.tuples(cells, cells, cells, cells), max_size=700), st.integers(1, 600))
def test_whatever_was_quoted_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], size: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("tag", "time", "value", "status"), *rows])
    found, wrong = read(file(tmp_path_factory.mktemp("csv"), out.getvalue()), size)
    lines = [1 + sum(1 + sum(cell.count("\n") for cell in row) for row in rows[:at]) + 1 for at in range(len(rows))]
    assert not wrong
    assert found == list(zip(lines, rows, strict=True))


@pytest.mark.parametrize(
    ("content", "rows", "words"),
    [
        (HEAD.encode() + b'a,1,"x\ny",\na,\xff,1,\na,1,1,\n', [2], "line 4: the line is not in UTF-8"),
        (HEAD.encode() + b'a,1,"x\ny",\na,1,"x"y,\na,1,1,\n', [2], "line 4: the line is no CSV"),
        (HEAD.encode() + b'a,1,1,\na,1,"x,\na,1,1,\n', [2], "line 3: the line is no CSV: unexpected end of data"),
        (HEAD.encode() + b"a,1,1,\n" + b"x" * 3_000_000, [2], "line 3: 1 cells instead of 4"),
    ],
)
def test_what_cannot_be_read_ends_the_file_with_its_line(
    tmp_path: Path, content: bytes, rows: list[int], words: str
) -> None:
    found, wrong = read(file(tmp_path, content))
    assert [line for line, _ in found] == rows
    assert len(wrong) == 1
    assert wrong[0].startswith(words)


@pytest.mark.parametrize(
    "content",
    ["", "\n", "a,1,2,Good\n", "tag;time;value;status\n", "tag,time\n", "tag,time,value,value\n", "tag,time,value,x\n"],
)
def test_columns_are_named_by_the_first_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(LinesideError, match=r"must name the columns.*tag,time,value,status"):
        list(read_chunks(file(tmp_path, content)))


@pytest.mark.parametrize("content", [b"\xff\xfet\x00a\x00", b'"tag'])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(LinesideError, match="no CSV file in UTF-8"):
        list(read_chunks(file(tmp_path, content)))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(LinesideError, match="cannot be read: No such file"):
        list(read_chunks(tmp_path / "no.csv"))


def test_progress_and_lines_grow_to_the_end(tmp_path: Path) -> None:
    chunks = list(read_chunks(file(tmp_path, HEAD + "a,1,2,\n" * 1000), 256))
    done, lines = [chunk.done for chunk in chunks], [chunk.lines for chunk in chunks]
    assert done == sorted(done)
    assert (done[-1], lines[-1]) == (1.0, 1001)
    assert max(map(len, chunks)) <= 256


def test_a_file_without_line_ends_does_not_fill_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "_LINE_BYTES", 1000)
    found, wrong = read(file(tmp_path, HEAD + "x" * 2500))
    assert found == []
    assert wrong == [f"line {n}: 1 cells instead of 4" for n in (2, 3, 4)]


@pytest.mark.parametrize("quoted", [False, True])
def test_texts_of_any_length_that_an_export_writes_are_read(tmp_path: Path, quoted: bool) -> None:
    long = ("ä,b" if quoted else "äab") * 700_000  # more than a megabyte, and no whole number of letters in one
    texts = ["short", long, "x" * 131_073, *["y" * 5_000] * 300]
    cells = [f'"{text}"' if quoted else text for text in texts]
    path = file(tmp_path, "tag,time,value\n" + "".join(f"a,{n},{cell}\n" for n, cell in enumerate(cells)))
    found, findings = read(path)
    assert findings == []
    assert [cells[2] for _, cells in found] == texts
    assert [line for line, _ in found] == list(range(2, len(texts) + 2))
