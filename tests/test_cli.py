"""The command line: what goes to which stream, with which exit code, for right and wrong calls."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from cutouts.arguments import byte_count
from cutouts.cli import COMMANDS, main
from cutouts.manifest import file_entry
from tests.keras_archive import archive, dense, layer, sequential
from tests.tiny import keep, several_labels, three_labels, tiny_static

SUBPROCESS = [sys.executable, "-m", "cutouts.cli"]


@pytest.fixture
def bundle(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "tests/golden/static-linear", tmp_path / "golden"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    pairs = zip(three_labels().texts, three_labels().labels, strict=True)
    path = tmp_path / "corpus.csv"
    path.write_text("\n".join(["text,label", *(f"{text},{names[0]}" for text, names in pairs)]))
    return path


def run(*words: str | Path, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    command = [*SUBPROCESS, *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False)


def call(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of one call."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as left:
        code = int(left.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_train_prints_a_table_and_its_stages_beside(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tiny_static())
    code, out, err = call(capsys, "train", corpus, "--out", tmp_path / "bundle")
    assert code == 0
    assert out.startswith("corpus: 3 labels, static encoder, linear head\n")
    assert f"bytes in {tmp_path / 'bundle'}" in out
    assert "· encoding 60 texts" in err


def test_train_json_is_one_object_on_standard_output(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tiny_static())
    code, out, _ = call(capsys, "train", corpus, "--json", "--out", tmp_path / "bundle")
    assert code == 0
    (line,) = out.splitlines()
    assert {"accuracy", "macro_f1", "bytes", "seconds"} <= json.loads(line).keys()


def test_train_takes_columns_and_a_separator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tiny_static())
    pairs = zip(several_labels().texts, several_labels().labels, strict=True)
    rows = ["what;kinds", *(f"{text};{'+'.join(names)}" for text, names in pairs)]
    (tmp_path / "corpus.csv").write_text("\n".join(rows))
    options = ["--text-column", "what", "--label-column", "kinds", "--separator", "+", "--json"]
    code, out, _ = call(
        capsys, "train", tmp_path / "corpus.csv", *options, "--out", tmp_path / "bundle"
    )
    assert code == 0
    assert json.loads(out)["texts"] == 60
    assert json.loads((tmp_path / "bundle/manifest.json").read_bytes())["multiple"] is True


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["train", "nowhere.csv"], 1, "cutouts: nowhere.csv"),
        (["train", "{corpus}", "--head", "tree"], 2, "cutouts: no head is called 'tree'"),
        (["train", "nowhere.csv", "--head", "my.keras"], 1, "cutouts: my.keras is not there: give"),
        (["train", "nowhere.csv", "--head", "my.py"], 2, "without a function: write my.py:build"),
        (["check", "my.keras"], 1, "cutouts: my.keras is not there: give a file that model.save("),
        (["check", "{corpus}"], 2, "cutouts: 'corpus.csv' is no network: give a model.keras or a"),
        (["check", "{folder}"], 1, "cutouts: folder is a folder, expected one .keras file: save"),
        (["check"], 2, "required: FILE"),
        (["train", "{corpus}", "--encoder", "bag"], 2, "cutouts: no encoder is called 'bag'"),
        (["train", "{corpus}", "--max-bytes", "1"], 2, "cutouts: --max-bytes 1 is too small"),
        (["train", "{corpus}", "--max-bytes", "much"], 2, "'much' is no size: write 3000000"),
        (["train", "{corpus}", "--label-column", "lable"], 1, "label"),
        (["train", "{corpus}", "--out", "{corpus}"], 1, "is a file: choose a folder"),
        (["train"], 2, "required: CORPUS"),
        (["compare", "nowhere.csv"], 1, "cutouts: nowhere.csv"),
        (["compare", "{corpus}", "--out", "{corpus}"], 2, "corpus.csv is no former comparison"),
        (["compare"], 2, "required: CORPUS"),
        (["tag", "{folder}", "x"], 1, "holds no manifest.json: give the folder that cutouts train"),
        (["tag", "{corpus}", "x"], 1, "holds no manifest.json"),
        (["show", "nowhere"], 1, "cutouts: nowhere holds no manifest.json"),
        (["show"], 2, "required: BUNDLE"),
        (["build", "nowhere"], 1, "cutouts: nowhere holds no manifest.json"),
        (["serve", "nowhere"], 1, "cutouts: nowhere holds no manifest.json"),
        (["prove", "nowhere"], 1, "cutouts: nowhere holds no manifest.json"),
        (["sample", "news"], 2, "cutouts: no sample 'news': expected one of 20newsgroups"),
        (["tag", "{folder}", "--jason", "x"], 2, "unrecognized arguments: --jason"),
        (["show", "{folder}", "more"], 2, "unrecognized arguments: more"),
        (["fly"], 2, "invalid choice: 'fly'"),
        ([], 2, "required: COMMAND"),
    ],
)
def test_a_wrong_call_is_told_on_standard_error_alone(
    words: list[str],
    code: int,
    complaint: str,
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(tiny_static())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    asked = [word.format(corpus=corpus.name, folder="folder") for word in words]
    found, out, err = call(capsys, *asked)
    assert (found, out) == (code, "")
    assert complaint in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.csv", "folder"]


def test_check_says_what_becomes_of_each_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive(tmp_path, sequential(layer("Dropout", rate=0.5), layer("LSTM"), dense()))
    code, out, err = call(capsys, "check", path)
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "  layer  name     class    in a browser",
        "  0      dropout  Dropout  left out: it does nothing while tagging",
        "  1      lstm     LSTM     no",
        "                             cannot run in a browser (the runtime has no recurrent layers)",
        "                             use Conv1D, then GlobalMaxPooling1D or Flatten",
        "  2      dense    Dense    yes",
        f"{path} cannot run in a browser: 1 of 3 layers",
    ]


def test_check_of_what_runs_says_what_goes_in_and_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive(tmp_path, sequential(dense()))
    code, out, _ = call(capsys, "check", path)
    assert code == 0
    assert out.endswith(f"\n{path} runs in a browser: 12 numbers in, 3 scores out\n")


def test_check_json_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "check", archive(tmp_path, sequential(layer("Lambda"))), "--json")
    found = json.loads(out)
    assert code == 1
    assert not found["runs"]
    assert found["complaint"].startswith("layer 0 (Lambda 'lambda') cannot run in a browser")
    assert found["layers"][0]["instead"] == "use Activation, Dense or BatchNormalization"


def test_a_layer_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive(tmp_path, sequential(dense(name="\x1b[2Jgone\u202e", units="\x1b[2J")))
    _, out, _ = call(capsys, "check", path)
    assert "gone" in out
    assert not {"\x1b", "\u202e"} & set(out)


def test_train_checks_a_network_before_it_reads_a_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive(tmp_path, sequential(layer("Lambda"), dense()))
    code, out, err = call(capsys, "train", "nowhere.csv", "--head", path)
    assert (code, out) == (1, "")
    assert err == (
        f"cutouts: {path}: layer 0 (Lambda 'lambda') cannot run in a browser "
        "(it holds Python code): use Activation, Dense or BatchNormalization\n"
    )


def test_tag_gives_a_line_per_text(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "tag", bundle, "motor oil valve", "song choir drum", "")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[:1]] == ["engine"]
    assert out.splitlines()[2] == "(none of these)"


def test_tag_json_gives_every_labels_probability(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "tag", bundle, "--json", "motor oil valve", "two\nlines \ud800")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["text"] for line in lines] == ["motor oil valve", "two\nlines \ud800"]
    assert lines[0]["tags"] == ["engine"]
    assert sorted(lines[0]["probabilities"]) == ["engine", "fruit", "music"]
    assert sum(lines[0]["probabilities"].values()) == pytest.approx(1)


def test_tag_reads_lines_whatever_bytes_are_in_them(bundle: Path) -> None:
    stdin = b"motor oil valve\n\n\xff\xfe broken \xe9\r\n" + "日本 🍎\n".encode() + b"no end"
    done = run("tag", bundle, "--json", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 5
    assert lines[0]["tags"] == ["engine"]
    assert lines[1]["text"] == ""
    assert lines[3]["text"] == "日本 🍎"


def test_tag_of_nothing_prints_nothing(bundle: Path) -> None:
    done = run("tag", bundle)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_label_that_the_terminal_cannot_show_is_no_error(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = run("tag", root / "tests/golden/static-several", "apple")
    assert done.returncode == 0
    assert b"\\u65e5" in done.stdout


def test_a_reader_that_goes_away_is_no_traceback(bundle: Path) -> None:
    command = [*SUBPROCESS, "tag", str(bundle)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(b"motor oil\n" * 3000)
        process.stdin.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_to_a_full_disk_is_one_line(bundle: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*SUBPROCESS, "tag", str(bundle), "motor"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"cutouts: what was to be written: No space left on device\n"


def test_show_says_what_is_in_a_bundle(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "show", bundle)
    assert code == 0
    assert out.startswith("golden static-linear\n")
    for part in ("3: fruit, engine, music", "head/head.safetensors", "none yet: cutouts prove"):
        assert part in out


def test_show_json_is_the_manifest(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "show", bundle, "--json")
    assert code == 0
    assert json.loads(out) == json.loads((bundle / "manifest.json").read_bytes())


def test_a_label_cannot_write_to_the_terminal(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["labels"][0]["name"] = "\x1b[2Jgone\u202e"
    manifest["name"] = "\x1b]0;title\x07"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    _, out, _ = call(capsys, "show", bundle)
    assert "gone" in out
    assert not {"\x1b", "\u202e", "\x07"} & set(out)


def test_a_damaged_bundle_is_one_line(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bundle / "golden.json").write_bytes(b"x")
    code, out, err = call(capsys, "tag", bundle, "x")
    assert (code, out) == (1, "")
    assert err.startswith(f"cutouts: {bundle / 'golden.json'} has 1 bytes, the manifest says ")
    assert err.count("\n") == 1


def test_build_writes_a_site(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "build", bundle, "--out", tmp_path / "site")
    assert code == 0
    assert out.endswith(f"files in {tmp_path / 'site'}: put them on any static host\n")
    assert (tmp_path / "site" / "index.html").exists()


def test_serve_prints_its_address_and_ends_with_ctrl_c(bundle: Path) -> None:
    command = [*SUBPROCESS, "serve", str(bundle), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[0]
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert b"<title>" in answer.read()
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_during_training_is_one_line(
    corpus: Path, tmp_path: Path, asked: signal.Signals
) -> None:
    keep(tiny_static())
    command = [*SUBPROCESS, "train", str(corpus), "--out", str(tmp_path / "bundle")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(asked)
        rest = process.stderr.read()
        code = process.wait(60)
    assert b"Traceback" not in first + rest
    if code:  # else it was done before the signal came
        assert code == 130
        assert not (tmp_path / "bundle").exists()
        assert rest.endswith(b"cutouts: stopped\n")


def test_ctrl_c_during_embedding_says_that_shards_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, "embed", stopped)
    assert main(["embed", "corpus.csv", "--out", str(tmp_path)]) == 130
    said = "cutouts: stopped; what was finished is kept, run it again to go on\n"
    assert capsys.readouterr().err == said


def test_a_folder_that_may_not_be_written_is_one_line(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tiny_static())
    (tmp_path / "file").write_text("in the way")
    out_folder = tmp_path / "file" / "bundle"
    code, out, err = call(capsys, "train", corpus, "--out", out_folder)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith(f"cutouts: {out_folder} cannot be written (")


def test_a_cache_that_cannot_be_written_is_one_line(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CUTOUTS_CACHE", str(tmp_path / "file"))
    code, _, err = call(capsys, "train", corpus, "--out", tmp_path / "bundle")
    assert code == 1
    assert err.splitlines()[-1].endswith("or set CUTOUTS_CACHE to another folder")


@pytest.mark.parametrize(
    ("text", "count"),
    [("3000000", 3_000_000), ("3MB", 3_000_000), ("800kB", 800_000), ("2.5mb", 2_500_000)],
)
def test_a_size_can_be_written_in_several_ways(text: str, count: int) -> None:
    assert byte_count(text) == count


@pytest.mark.parametrize("text", ["", "MB", "-1", "1e6", "3 MB", "1.2.3", "nan", "9" * 400 + "x"])
def test_what_is_no_size_is_refused(
    text: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "train", corpus, f"--max-bytes={text}")
    assert code == 2
    assert f"{text!r} is no size: write 3000000, 800kB or 3MB" in err


def test_the_version_of_a_bundle_does_not_depend_on_where_it_is(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(bundle, tmp_path / "a copy of it")
    assert call(capsys, "show", copy, "--json")[1] == call(capsys, "show", bundle, "--json")[1]
    assert os.sep not in file_entry("a", b"", load=True)["path"]
