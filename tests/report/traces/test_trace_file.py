"""Files of traces: the suffix decides, and a file is written whole or not at all."""

import json
import re
from pathlib import Path

import pytest

from simulator.errors import TraceError
from simulator.report.recording import Recording
from simulator.report.trace_file import FORMATS, require_format, save


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_suffix_is_written_alone_and_the_same_each_time(stale: Recording, tmp_path: Path, suffix: str) -> None:
    one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix.upper()}"
    for path in (one, other):
        assert save(path, [stale.result]) == ""
    assert one.read_bytes() == other.read_bytes()
    assert sorted(tmp_path.iterdir()) == [one, other]


def test_an_unknown_suffix_names_the_four_there_are(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"\.pftrace .* \.json .* \.html .* \.txt"):
        require_format(tmp_path / "trace.xml")


def test_a_folder_that_is_not_there_is_an_error(stale: Recording, tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="No such file or directory"):
        save(tmp_path / "none" / "trace.json", [stale.result])


def test_a_file_that_cannot_be_written_stays_as_it_was(
    stale: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.txt"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(TraceError, match="No space left on device"):
        save(path, [stale.result])
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("before", [path])


def test_the_text_has_every_step_the_violation_and_the_replay(stale: Recording, tmp_path: Path) -> None:
    save(path := tmp_path / "trace.txt", [stale.result])
    text = path.read_text()
    assert [number for number in range(1, len(stale.moments) + 1) if f"#{number} " not in text] == []
    assert text.rstrip().endswith("replay: kgraft-sim replay kg1:case:0:0x")


def test_the_page_carries_the_json_trace_and_nothing_from_elsewhere(stale: Recording, tmp_path: Path) -> None:
    save(tmp_path / "trace.json", [stale.result])
    save(tmp_path / "trace.html", [stale.result])
    page = (tmp_path / "trace.html").read_text()
    start = page.index('id="trace">') + len('id="trace">')
    assert json.loads(page[start : page.index("</script>", start)]) == json.loads((tmp_path / "trace.json").read_text())
    assert re.findall(r"https?:|src=|url\((?!#)|@import", page) == []


def test_what_comes_from_a_scenario_is_escaped(stale: Recording, tmp_path: Path) -> None:
    save(tmp_path / "trace.html", [stale.result])
    page = (tmp_path / "trace.html").read_text()
    assert "A title with &lt;angles&gt; &amp; more." in page
    assert "<angles>" not in page


def test_a_page_of_some_hundred_steps_stays_below_half_a_megabyte(handled: Recording, tmp_path: Path) -> None:
    save(path := tmp_path / "trace.html", [handled.result])
    assert len(handled.moments) == 700
    assert path.stat().st_size < 500_000
