"""What no line of the product may do: run what it reads, reach the network, leave work for later."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.house import project_files, shown, sources

PRODUCT = sources("app", "engine")
BARRED_IMPORTS = {
    **dict.fromkeys(
        ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"), "runs what it reads"
    ),
    **dict.fromkeys(("urllib", "http", "requests", "httpx", "aiohttp", "urllib3"), "is for the network"),
    **dict.fromkeys(
        ("socket", "socketserver", "ssl", "ftplib", "smtplib", "xmlrpc", "webbrowser"), "is for the network"
    ),
    **dict.fromkeys(("PySide6.QtNetwork", "PySide6.QtWebSockets", "huggingface_hub"), "is for the network"),
}
BARRED_CALLS = (
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "torch.load",
    "torch.hub.load",
)
BARRED_CALLS += ("yaml.load", "yaml.unsafe_load", "pandas.read_pickle", "tempfile.mktemp")
BARRED_WORDS = {"shell": True, "allow_pickle": True, "weights_only": False}
MOST_LINES = 600
MOST_BYTES = 13_000_000
LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
MACHINE = re.compile(r"(?<![\w.)}*-])/(?:wo" + r"rk|ro" + r"ot)/|/ho" + r"me/\w+/")
REGISTRY = re.compile(
    "index" + "-url|find" + "-links|python" + "hosted|pyp" + "i[.]|dev" + "pi|arti" + "factory|jf" + "rog"
)


def offences(tree: ast.AST) -> Iterator[str]:
    """`line: what` for everything in the tree that is barred."""
    names = _full_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (f"{node.lineno}: imports {name}" for name in _imported(node) if _is_barred(name))
        elif isinstance(node, ast.Call):
            called = _full_name(node.func, names)
            if called in BARRED_CALLS:
                yield f"{node.lineno}: calls {called}"
            for word in node.keywords:
                if word.arg in BARRED_WORDS and _may_be(word.value, BARRED_WORDS[word.arg]):
                    yield f"{node.lineno}: {word.arg}={ast.unparse(word.value)}"


def _full_names(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _full_name(node: ast.expr, names: dict[str, str]) -> str:
    text = ast.unparse(node)
    first, dot, rest = text.partition(".")
    return names.get(first, first) + dot + rest


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]


def _is_barred(name: str) -> bool:
    return any(name == barred or name.startswith(barred + ".") for barred in BARRED_IMPORTS)


def _may_be(node: ast.expr, barred: bool) -> bool:
    return not isinstance(node, ast.Constant) or node.value is barred


@pytest.mark.parametrize("path", PRODUCT, ids=shown)
def test_the_product_runs_nothing_it_reads_and_knows_no_network(path: Path) -> None:
    assert list(offences(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from urllib.request import urlopen",
        "import http.client as c",
        "from PySide6 import QtNetwork",
        "from PySide6.QtNetwork import QLocalServer",
        "eval('1')",
        "import torch as t; t.load('x')",
        "from torch import load; load('x')",
        "from yaml import load as read; read('x')",
        "import subprocess; subprocess.run('ls', shell=True)",
        "import numpy as np; np.load('x', allow_pickle=True)",
        "import numpy as np; np.load('x', allow_pickle=how)",
        "import requests",
    ],
)
def test_the_scan_finds_what_it_looks_for(line: str) -> None:
    assert len(list(offences(ast.parse(line)))) >= 1


def test_no_source_file_is_long() -> None:
    lengths = {shown(path): len(path.read_text("utf-8").splitlines()) for path in _python()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_nothing_large_is_in_the_project() -> None:
    assert [shown(path) for path in project_files() if path.stat().st_size > MOST_BYTES] == []


@pytest.mark.parametrize("barred", [LATER, MACHINE, REGISTRY], ids=["later", "machine", "registry"])
def test_no_text_leaves_work_for_later_or_names_a_machine(barred: re.Pattern[str]) -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        if barred.search(line)
    ]
    assert found == []


def _python() -> list[Path]:
    return sources("app", "engine", "packaging", "tests")


def _texts() -> Iterator[tuple[Path, str]]:
    for path in project_files():
        data = path.read_bytes()
        if b"\0" in data[:4096]:
            continue
        yield path, data.decode("utf-8", "replace")


MARKUP = ("setHtml", "setMarkdown", "insertHtml", "appendHtml")
MARKUP += ("QMessageBox", "QTextBrowser", "QTextEdit", "QErrorMessage")


@pytest.mark.parametrize("path", sources("app"), ids=shown)
def test_the_window_reads_no_markup(path: Path) -> None:
    """A label of Qt takes a name from a file for markup unless it is told not to."""
    text = path.read_text("utf-8")
    assert [word for word in MARKUP if re.search(rf"\b{word}\b", text)] == []
    labels = re.findall(r"\bQLabel\(|\(QLabel\):", text)
    assert len(labels) == text.count("setTextFormat(Qt.TextFormat.PlainText)")
