"""Tests of the checks: each fails on a bad example and passes on a good one.

Run by ctest, or: /usr/bin/python3 -B -m unittest test_check_tree
"""

import shutil
import tempfile
import unittest
from pathlib import Path

import check_tree
import documents
import layers
import source_tree
import sources
import texts
from source_tree import Tree


def findings(check, files):
    return [f"{each.path}:{each.line}" for each in check(Tree(files))]


class CheckTest(unittest.TestCase):
    """Examples are trees: contents by path."""

    def assert_passes(self, check, *trees):
        for files in trees:
            with self.subTest(files=files):
                self.assertEqual(findings(check, files), [])

    def assert_fails(self, check, *trees):
        for files in trees:
            with self.subTest(files=files):
                self.assertEqual(len(findings(check, files)), 1)


def including(path, *names, **others):
    return {path: "".join(f"#include {name}\n" for name in names), **others}


class LayersTest(CheckTest):
    def test_every_source_belongs_to_a_layer(self):
        check = layers.check_layers_exist
        self.assert_passes(check, {"src/http/a.cpp": ""}, {"src/backend/redis/a.cpp": ""},
                           {"include/turnomatic/a.hpp": ""}, {"tests/a.cpp": ""})
        self.assert_fails(check, {"src/utils/a.cpp": ""}, {"src/a.cpp": ""},
                          {"include/other/a.hpp": ""})

    def test_includes_point_down(self):
        check = layers.check_includes_point_down
        self.assert_passes(
            check,
            including("src/app/a.cpp", '"http/b.hpp"', '"backend/memory/b.hpp"',
                      '"telemetry/b.hpp"', '"core/b.hpp"', '"app/config/b.hpp"',
                      "<turnomatic/b.hpp>"),
            including("src/http/a.cpp", '"http/b.hpp"', '"core/b.hpp"', "<turnomatic/b.hpp>"),
            including("src/core/a.cpp", '"core/b.hpp"', "<turnomatic/b.hpp>", "<vector>"))
        self.assert_fails(
            check,
            including("src/http/a.cpp", '"app/b.hpp"'),
            including("src/core/a.cpp", '"http/b.hpp"'),
            including("src/core/a.cpp", '"backend/memory/b.hpp"'),
            including("include/turnomatic/a.hpp", '"core/b.hpp"'))

    def test_siblings_never_include_each_other(self):
        self.assert_fails(
            layers.check_includes_point_down,
            including("src/http/a.cpp", '"telemetry/b.hpp"'),
            including("src/telemetry/a.cpp", '"backend/redis/b.hpp"'),
            including("src/backend/redis/a.cpp", '"backend/memory/b.hpp"'))

    def test_names_the_line_of_the_include(self):
        self.assertEqual(findings(layers.check_includes_point_down,
                                  {"src/core/a.cpp": '// why\n\n  #  include "app/b.hpp"\n'}),
                         ["src/core/a.cpp:3"])

    def test_an_include_has_one_spelling(self):
        check = layers.check_include_spelling
        self.assert_passes(
            check, including("src/http/a.cpp", '"http/b.hpp"', "<turnomatic/c.hpp>", "<vector>",
                             "<sys/socket.h>", **{"src/http/b.hpp": ""}))
        self.assert_fails(
            check,
            including("src/http/a.cpp", '"b.hpp"', **{"src/http/b.hpp": ""}),
            including("src/http/a.cpp", '"../app/b.hpp"', **{"src/app/b.hpp": ""}),
            including("src/http/a.cpp", "<http/b.hpp>", **{"src/http/b.hpp": ""}))

    def test_a_library_stays_in_its_room(self):
        check = layers.check_libraries_stay_in_their_rooms
        for room, header in {
                "src/http/a.cpp": "<boost/beast/http/basic_parser.hpp>",
                "src/backend/redis/wire/resp_codec.cpp": "<hiredis/read.h>",
                "src/telemetry/a.hpp": "<prometheus/metric_family.h>",
                "src/telemetry/a.cpp": "<spdlog/async_logger.h>",
                "src/app/config/a.cpp": "<CLI/CLI.hpp>",
                "src/app/config/b.cpp": "<toml++/toml.h>",
                "src/net/poller.cpp": "<sys/epoll.h>"}.items():
            self.assert_passes(check, including(room, header))
            self.assert_fails(check, including("src/app/a.cpp", header))
        self.assert_fails(check, including("src/net/socket_stream.cpp", "<sys/epoll.h>"))
        self.assert_passes(check, including("tests/support/a.hpp", "<boost/beast/core.hpp>"))

    def test_contracts_are_light(self):
        check = layers.check_contracts_are_light
        path = "include/turnomatic/a.hpp"
        self.assert_passes(
            check, including(path, "<turnomatic/b.hpp>", "<chrono>", "<boost/system/result.hpp>",
                             "<boost/intrusive/list_hook.hpp>"))
        self.assert_fails(check, including(path, "<boost/asio/io_context.hpp>"),
                          including(path, "<sys/socket.h>"), including(path, '"b.hpp"'))

    def test_core_has_no_socket_no_thread_no_clock(self):
        check = layers.check_core_is_pure
        self.assert_passes(
            check,
            including("src/core/a.cpp", "<chrono>", "<atomic>"),
            including("src/http/a.cpp", "<thread>"),
            {"src/core/a.cpp": "time_point f(time_point now);  // not steady_clock::now()\n"},
            {"src/app/a.cpp": "auto now = clock::now();\n"})
        self.assert_fails(
            check,
            including("src/core/a.cpp", "<boost/asio/post.hpp>"),
            including("src/core/a.cpp", "<thread>"),
            including("src/core/a.cpp", "<sys/socket.h>"),
            {"src/core/a.cpp": "auto now = std::chrono::steady_clock::now();\n"},
            {"src/core/a.hpp": "auto now = clock::now();\n"},
            {"include/turnomatic/a.hpp": "auto now = std::chrono::system_clock::now();\n"},
            {"src/core/a.cpp": "::clock_gettime(CLOCK_MONOTONIC, &now);\n"})


class SourcesTest(CheckTest):
    def test_a_cpp_function_fits_a_screen(self):
        def function(lines):
            return {"src/a.cpp": "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"}
        self.assert_passes(sources.check_cpp_function_length, function(70))
        self.assert_fails(sources.check_cpp_function_length, function(71))

    def test_unmatched_braces_are_not_passed_over(self):
        self.assert_fails(sources.check_cpp_function_length,
                          {"src/a.cpp": "void f() {\n"}, {"src/a.cpp": "}\n"},
                          {"src/a.cpp": "namespace n {\n"}, {"src/a.cpp": "const x y = {\n"})

    def test_a_python_function_fits_a_screen(self):
        def function(lines):
            return {"tests/a.py": "class C:\n    def f():\n" + "        g()\n" * (lines - 1)}
        self.assert_passes(sources.check_python_function_length, function(70))
        self.assert_fails(sources.check_python_function_length, function(71))

    def test_a_file_has_at_most_400_lines(self):
        for path in ("src/a.cpp", "include/a.hpp", "tests/a.py"):
            self.assert_passes(sources.check_file_length, {path: "\n" * 400})
            self.assert_fails(sources.check_file_length, {path: "\n" * 401})
        self.assert_passes(sources.check_file_length, {"docs/a.md": "\n" * 401})

    def test_each_header_says_pragma_once(self):
        self.assert_passes(sources.check_pragma_once, {"src/a.hpp": "// What.\n#pragma once\n"},
                           {"src/a.cpp": ""})
        self.assert_fails(sources.check_pragma_once, {"src/a.hpp": "// #pragma once\n"},
                          {"tests/a.hpp": ""})

    def test_no_header_says_using_namespace(self):
        check = sources.check_no_using_namespace_in_headers
        self.assert_passes(check, {"src/a.hpp": "using std::move;\n"},
                           {"src/a.hpp": "// no using namespace std;\n"},
                           {"src/a.cpp": "using namespace std;\n"})
        self.assert_fails(check, {"src/a.hpp": "using  namespace std::chrono_literals;\n"})

    def test_coroutines_hold_no_locks(self):
        check = sources.check_coroutines_hold_no_locks
        lock = "const std::lock_guard lock{mutex};\n"
        self.assert_passes(check, {"src/a.cpp": lock}, {"src/a.cpp": "co_await next();\n"},
                           {"src/a.cpp": lock + "// no co_await here\n"})
        self.assert_fails(check, {"src/a.cpp": lock + "co_await next();\n"})


class TextsTest(CheckTest):
    def test_files_are_utf_8(self):
        self.assert_passes(texts.check_encoding, {"a.md": "5 µs\n"}, {"a.png": b"\xff"},
                           {"tests/fuzz/corpus/request/a": b"\xff"})
        self.assert_fails(texts.check_encoding, {"a.md": "5 µs\n".encode("latin-1")})

    def test_files_end_with_one_newline(self):
        self.assert_passes(texts.check_final_newline, {"a": "x\n"}, {"a": ""})
        self.assert_fails(texts.check_final_newline, {"a": "x"}, {"a": "x\n\n"})

    def test_no_tabs_and_no_blanks_at_the_end(self):
        self.assert_passes(texts.check_blanks, {"a": "x y\n"}, {"Makefile": "a:\n\tb\n"},
                           {"deploy/a.patch": " \n"})
        self.assert_fails(texts.check_blanks, {"a": "x \n"}, {"a": "x\r\n"}, {"a": "x\ty\n"},
                          {"Makefile": "a: \n"})

    def test_nothing_is_postponed(self):
        words = ("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK")
        self.assert_fails(texts.check_nothing_postponed,
                          *({"a.cpp": f"// {word}: later\n"} for word in words))
        self.assert_passes(texts.check_nothing_postponed, {"a": "mktemp /tmp/a.XXXXXX\n"},
                           {"a": "method\n"})

    def test_no_path_of_a_developer(self):
        self.assert_fails(texts.check_no_developer_paths,
                          *({"a": f"see {top}x\n"} for top in
                            ("/" "home/", "/" "work/", "/" "root/", "/" "Users/")),
                          {"a.png": b"\xff\0'/" b"home/a'"})
        self.assert_passes(texts.check_no_developer_paths, {"a": "/usr/share/x\n"},
                           {"a": "https://example.org/" "home/x\n"}, {"a": "${DIR}/" "root/x\n"})


class DocumentsTest(CheckTest):
    def test_relative_links_lead_somewhere(self):
        def page(text):
            return {"docs/a.md": text, "docs/adr/0001-b.md": "", "src/c.cpp": ""}
        self.assert_passes(
            documents.check_links, page("[x](adr/0001-b.md) ![y](../src/c.cpp#L3) [z](adr/)\n"),
            page("[`code`](adr/0001-b.md)\n"), page("[x](/src/c.cpp \"title\")\n"),
            page("[x](#part) [y](https://example.org/z) [m](mailto:a@example.org)\n"),
            page("[x]: adr/0001-b.md\n"), page("```\n[x](nowhere)\n```\n"), page("`[x](no)`\n"))
        self.assert_fails(
            documents.check_links, page("[x](adr/0002-b.md)\n"), page("![x](src/c.cpp)\n"),
            page("[x]: nowhere.md\n"), page("[`code`](nowhere)\n"), page("[x](../../a.md)\n"))

    def test_decisions_are_numbered_and_named(self):
        self.assert_passes(documents.check_decision_names,
                           {"docs/adr/0001-a-title.md": "", "docs/adr/0002-b.md": ""})
        self.assert_fails(
            documents.check_decision_names, {"docs/adr/1-a.md": ""}, {"docs/adr/0001-A.md": ""},
            {"docs/adr/0001_a.md": ""}, {"docs/adr/0001-a.txt": ""},
            {"docs/adr/0001-a.md": "", "docs/adr/0001-b.md": ""})

    def test_decisions_have_four_parts(self):
        parts = ["## Context\n", "## Decision\n", "## Alternatives considered\n",
                 "## Consequences\n"]
        self.assert_passes(documents.check_decision_parts, {"docs/adr/0001-a.md": "".join(parts)})
        for left_out in parts:
            self.assert_fails(documents.check_decision_parts, {
                "docs/adr/0001-a.md": "".join(each for each in parts if each != left_out)})


class TreeTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        (self.root / "build").mkdir()
        (self.root / "build" / "made").write_text("x")
        (self.root / "src").mkdir()
        (self.root / "src" / "a.cpp").write_text("x\n")

    def test_a_source_archive_is_read_without_its_build_directory(self):
        self.assertEqual(source_tree.read_tree(self.root).all_paths(), ["src/a.cpp"])

    @unittest.skipUnless(shutil.which("git"), "needs git")
    def test_a_repository_is_read_as_git_knows_it(self):
        (self.root / ".gitignore").write_text("/build/\n*.o\n")
        (self.root / "src" / "a.o").write_text("x\n")
        source_tree.run_git(self.root, "init", "-q")
        self.assertEqual(source_tree.read_tree(self.root).all_paths(),
                         [".gitignore", "src/a.cpp"])

    def test_a_tree_knows_its_directories(self):
        tree = Tree({"docs/adr/0001-a.md": ""})
        self.assertIn("docs", tree)
        self.assertNotIn("doc", tree)

    def test_findings_are_sorted_and_read_like_those_of_a_compiler(self):
        found = check_tree.findings_of(Tree({"src/b.hpp": "#pragma once\n", "a": "x \n\ty\n"}))
        self.assertEqual([str(each) for each in found],
                         ["a:1: blanks at the end of the line", "a:2: a tab",
                          "src/b.hpp:1: belongs to no layer"])


if __name__ == "__main__":
    unittest.main()
