"""Fingerprints of code: what a script does, not how it is laid out.

Snakemake does not see the modules that a script imports, and a checkout changes the time of every
file. Each rule therefore has the fingerprint of its script among its params: a hash over the
syntax trees, without docstrings and comments, of the script and of every project module that it
imports, directly or not, over what the data files (*.yaml) beside those modules say, and over the
bytes of the parts of pages (*.css, *.js, *.html) there.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

import yaml

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_text

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it was built

PAGES = ("*.css", "*.js", "*.html")


def code_fingerprint(script: Path, source: Path) -> str:
    """SHA-256 (64 hex digits) of a script, the modules below `source` that it imports, their data.

    source: the folder that holds the project's packages, such as src.
    Raises UserError when the script is missing, or a file is not valid Python or YAML.
    """
    files: dict[str, str] = {}
    waiting = [(script.name, script)]
    while waiting:
        name, path = waiting.pop()
        if name in files:
            continue
        tree_hash, imported = _parsed(path, path.stat().st_mtime_ns if path.exists() else 0)
        files[name] = tree_hash
        if path != script:
            for data in path.parent.glob("*.yaml"):
                told = _data_hash(data, data.stat().st_mtime_ns)
                files[data.relative_to(source).as_posix()] = told
            for part in (part for ending in PAGES for part in path.parent.glob(ending)):
                told = hashlib.sha256(part.read_bytes()).hexdigest()
                files[part.relative_to(source).as_posix()] = told
        for module in sorted(imported):
            waiting.extend(_module_files(module, source))
    joined = "\n".join(f"{name} {files[name]}" for name in sorted(files))
    return hashlib.sha256(joined.encode()).hexdigest()


def _module_files(module: str, source: Path) -> list[tuple[str, Path]]:
    """The files that importing a dotted name runs: each enclosing __init__, then the module."""
    parts = module.split(".")
    if not (source / parts[0]).is_dir():
        return []
    found = []
    for depth in range(1, len(parts) + 1):
        folder = source.joinpath(*parts[:depth])
        files = (folder / "__init__.py", folder.with_suffix(".py"))
        found += [(".".join(parts[:depth]), path) for path in files if path.exists()][:1]
    return found


@cache
def _parsed(path: Path, modified: int) -> tuple[str, frozenset[str]]:
    """Hash of a file's syntax tree without docstrings, and the dotted names it imports."""
    try:
        tree = ast.parse(read_text(path), filename=str(path))
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno}: not valid Python: {error.msg}") from error
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise UserError(
                    f"{path}:{node.lineno}: relative imports are not followed; import by full name"
                )
            # "from a.b import c": c may be a module or a name; names without a file are ignored.
            imported.add(node.module)
            imported.update(f"{node.module}.{alias.name}" for alias in node.names)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                del node.body[0]
            # A body that was a docstring alone is the same as `pass`; beside others it is nothing.
            node.body = [line for line in node.body if not isinstance(line, ast.Pass)]
            node.body = node.body or [ast.Pass()]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), frozenset(imported)


@cache
def _data_hash(path: Path, modified: int) -> str:
    """Hash of what a data file says, without comments and layout."""
    try:
        data = LOADER(path.read_bytes()).get_single_data()
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {error}") from error
    return hashlib.sha256(repr(data).encode()).hexdigest()
