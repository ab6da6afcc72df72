"""The files of the project, and what a check finds in them."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

CPP = (".cpp", ".hpp")
HEADER = (".hpp",)
BINARY = (".gif", ".gz", ".ico", ".jpg", ".pdf", ".png", ".webp", ".woff2")
# Inputs of the fuzzers are bytes that nobody wrote for a reader.
RAW_DIRECTORIES = ("tests/fuzz/corpus/",)


class Finding(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class Tree:
    """Contents by path; paths are relative to the root and separated by slashes."""

    def __init__(self, files):
        self._files = {path: content.encode() if isinstance(content, str) else content
                       for path, content in files.items()}
        self._directories = {str(parent) for path in self._files
                             for parent in Path(path).parents}

    def __contains__(self, path):
        return path in self._files or path in self._directories

    def bytes(self, path):
        return self._files[path]

    def text(self, path):
        return self._files[path].decode("utf-8", errors="replace")

    def lines(self, path):
        return enumerate(self.text(path).split("\n"), 1)

    def all_paths(self):
        return sorted(self._files)

    def texts(self):
        """Paths of the files that people write and read."""
        return [path for path in self.all_paths()
                if not path.endswith(BINARY) and not path.startswith(RAW_DIRECTORIES)]

    def below(self, directories, suffixes):
        return [path for path in self.all_paths()
                if path.startswith(directories) and path.endswith(suffixes)]


def run_git(root, *arguments):
    """The output. A hook that runs us has set variables that name the repository for git."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("GIT_")}
    return subprocess.run(["git", "-C", str(root), *arguments], env=environment,
                          capture_output=True, check=True).stdout


def paths_known_to_git(root):
    """What is tracked or could be committed; None outside a repository."""
    try:
        listing = run_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except (OSError, subprocess.CalledProcessError):
        return None
    return [path for path in os.fsdecode(listing).split("\0") if path]


def paths_on_disk(root):
    """The same for a source archive, where only the build directory can be left out by name."""
    paths = [path.relative_to(root) for path in root.rglob("*")]
    return [path.as_posix() for path in paths
            if path.parts[0] not in ("build", ".git") and "__pycache__" not in path.parts]


def read_tree(root):
    paths = paths_known_to_git(root)
    if paths is None:
        paths = paths_on_disk(root)
    return Tree({path: (root / path).read_bytes() for path in paths if (root / path).is_file()})
