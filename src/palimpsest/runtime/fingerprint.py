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


class Fingerprints:
    """Fingerprints of scripts, all of one moment: each file is read once.

    A start of Snakemake has them of the scripts of its jobs; each job that runs elsewhere starts it
    twice, so what it reads counts.
    """

    def __init__(self, source: Path) -> None:
        """source: the folder that holds the project's packages, such as src."""
        self.source = source
        self._known: dict[Path, str] = {}  # by script
        self._files: dict[Path, tuple[str, list[tuple[str, Path]]]] = {}  # its hash, what it loads
        self._modules: dict[str, list[tuple[str, Path]]] = {}  # the files of a dotted name
        self._beside: dict[Path, dict[str, str]] = {}  # hashes of a folder's data and pages

    def of(self, script: Path) -> str:
        """SHA-256 (64 hex digits) of a script, the modules of the project that it imports, their
        data.

        Raises UserError when the script is missing, or a file is not valid Python or YAML.
        """
        if script not in self._known:
            self._known[script] = self._joined(script)
        return self._known[script]

    def _joined(self, script: Path) -> str:
        files: dict[str, str] = {}
        waiting = [(script.name, script)]
        while waiting:
            name, path = waiting.pop()
            if name in files:
                continue
            files[name], imported = self._file(path)
            if path != script:
                files |= self._data(path.parent)
            waiting.extend(imported)
        joined = "\n".join(f"{name} {files[name]}" for name in sorted(files))
        return hashlib.sha256(joined.encode()).hexdigest()

    def _file(self, path: Path) -> tuple[str, list[tuple[str, Path]]]:
        """The hash of a file's tree, and the files that its imports run, by their names."""
        if path not in self._files:
            tree_hash, imported = _parsed(path, path.stat().st_mtime_ns if path.exists() else 0)
            loaded = [one for module in sorted(imported) for one in self._module(module)]
            self._files[path] = tree_hash, list(dict.fromkeys(loaded))
        return self._files[path]

    def _module(self, module: str) -> list[tuple[str, Path]]:
        """The files that importing a dotted name runs: each enclosing __init__, then the module."""
        if module not in self._modules:
            package, _, _ = module.rpartition(".")
            folder = self.source.joinpath(*module.split("."))
            files = (folder / "__init__.py", folder.with_suffix(".py"))
            own = (self.source / module.partition(".")[0]).is_dir()
            here = [(module, path) for path in files if own and path.exists()][:1]
            self._modules[module] = [*(self._module(package) if package else ()), *here]
        return self._modules[module]

    def _data(self, folder: Path) -> dict[str, str]:
        """Hashes of what lies beside a module, by their paths below the source."""
        if folder not in self._beside:
            found = {}
            for data in folder.glob("*.yaml"):
                told = _data_hash(data, data.stat().st_mtime_ns)
                found[data.relative_to(self.source).as_posix()] = told
            for part in (part for ending in PAGES for part in folder.glob(ending)):
                told = hashlib.sha256(part.read_bytes()).hexdigest()
                found[part.relative_to(self.source).as_posix()] = told
            self._beside[folder] = found
        return self._beside[folder]


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
