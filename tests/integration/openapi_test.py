#!/usr/bin/env python3
"""Holds the running server against docs/openapi.yaml and docs/api.md, and both against the
table of problems in the sources: what is documented happens, what happens is documented.

    openapi_test.py --server PATH [unittest arguments]
"""

import re
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from openapi_document import NOT_YET, PROVEN_ELSEWHERE, OpenapiDocument
from openapi_scenarios import Scenarios
from raw_http import ask
from server_process import ServerProcess
from server_tests import server_and_arguments

import jsonschema

SOURCE_DIR = Path(__file__).resolve().parents[2]
DOCUMENT = OpenapiDocument(SOURCE_DIR / "docs/openapi.yaml")
PAGE = (SOURCE_DIR / "docs/api.md").read_text()
PROBLEM_PREFIX = "urn:turnomatic:problem:"
SERVER = None  # set by main


def problems_of_source():
    """{slug: the facts about it as docs/api.md states them} of the table in problem.cpp."""
    source = (SOURCE_DIR / "src/http/problem.cpp").read_text()
    text = r'"(?:[^"\\]|\\.)*"'
    row = re.compile(
        rf'\{{problem::\w+,\s*(\d+),\s*"([a-z-]+)",\s*{text},\s*{text},\s*'
        r'(not_applied|outcome_unknown),\s*(no_retry|retry),\s*(keep|close)\}')
    return {slug: facts(slug, status, applied, retry, connection)
            for status, slug, applied, retry, connection in row.findall(source)}


def facts(slug, status, applied, retry, connection):
    return " · ".join([
        f"`{PROBLEM_PREFIX}{slug}`",
        f"status {status}",
        "applied " + ("unknown" if applied == "outcome_unknown" else "no"),
        "Retry-After" if retry == "retry" else "no Retry-After",
        "connection " + ("closes" if connection == "close" else "stays")])


def problem_count_of_source():
    header = (SOURCE_DIR / "src/http/problem.hpp").read_text()
    return int(re.search(r"problem_count = (\d+);", header).group(1))


class DocumentTest(unittest.TestCase):
    """What can be said about the document alone."""

    def test_every_reference_leads_somewhere(self):
        for reference in DOCUMENT.references():
            with self.subTest(reference):
                DOCUMENT.resolve({"$ref": reference})

    def test_every_component_is_used(self):
        used = set(DOCUMENT.references())
        used |= {f"#/components/securitySchemes/{name}" for node in DOCUMENT.nodes()
                 for each in node.get("security", []) for name in each}
        for kind, components in DOCUMENT.root["components"].items():
            for name in components:
                self.assertIn(f"#/components/{kind}/{name}", used)

    def test_operation_ids_are_unique(self):
        ids = [node["operationId"] for node in DOCUMENT.nodes() if "operationId" in node]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(len(ids), len(DOCUMENT.operations()))

    def test_every_schema_is_one(self):
        for node in DOCUMENT.nodes():
            if isinstance(schema := node.get("schema"), dict):
                jsonschema.Draft202012Validator.check_schema(schema)
        for schema in DOCUMENT.root["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_every_object_is_closed(self):
        for node in DOCUMENT.nodes():
            if node.get("type") == "object":
                self.assertIs(node.get("additionalProperties"), False, node)

    def test_every_example_is_valid(self):
        for node in DOCUMENT.nodes():
            if "schema" not in node:
                continue
            examples = [node["example"]] if "example" in node else []
            examples += [each["value"] for each in node.get("examples", {}).values()]
            for example in examples:
                self.assertEqual(DOCUMENT.errors(node["schema"], example), [])

    def test_the_last_turn_is_the_one_that_the_server_stops_at(self):
        turno = DOCUMENT.root["components"]["schemas"]["turn"]["properties"]["turno"]
        self.assertEqual((turno["minimum"], turno["maximum"]), (1, 2**53 - 1))


class ProblemTest(unittest.TestCase):
    """The table of problems, the schema and the page name the same ones."""

    @classmethod
    def setUpClass(cls):
        cls.problems = problems_of_source()

    def test_the_table_was_read_whole(self):
        self.assertEqual(len(self.problems), problem_count_of_source())

    def test_the_schema_has_each_and_no_other(self):
        self.assertEqual(sorted(DOCUMENT.problem_types["enum"]),
                         sorted(PROBLEM_PREFIX + slug for slug in self.problems))

    def test_the_page_has_a_section_for_each_and_for_no_other(self):
        sections = re.findall(r"^### ([a-z-]+)$", PAGE, re.MULTILINE)
        self.assertEqual(sorted(sections), sorted(self.problems))

    def test_each_section_begins_with_the_facts(self):
        for slug, line in self.problems.items():
            with self.subTest(slug):
                self.assertIn(f"\n### {slug}\n\n{line}\n", PAGE)

    def test_the_page_names_no_problem_that_is_none(self):
        named = set(re.findall(PROBLEM_PREFIX + r"([a-z-]+)", PAGE))
        self.assertEqual(named, set(self.problems))


class PageTest(unittest.TestCase):
    """The exchanges that docs/api.md shows are what happens on a fresh server, in this order."""

    def test_each_exchange_is_true(self):
        blocks = re.findall(r"^```http\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 2)
        with ServerProcess(SERVER) as server:
            for block in blocks:
                asked, answered = re.split(r"\n\n(?=HTTP/1\.1 )", block)
                with self.subTest(asked.splitlines()[0]):
                    self.assertEqual(timeless(self.exchange(server, asked)), timeless(answered))

    def exchange(self, server, asked):
        data = ("\r\n".join(asked.splitlines()) + "\r\n\r\n").encode()
        answer = ask(server.address, data)
        lines = [f"{name}: {value}" for name, value in answer.fields.items()]
        return "\n".join([answer.status_line, *lines, "", answer.body.decode(), ""])


def timeless(text):
    return re.sub(r"^Date: .*$", "Date:", text, flags=re.MULTILINE)


class AnswerTest(unittest.TestCase):
    """Every answer of the server, against the document."""

    @classmethod
    def setUpClass(cls):
        scenarios = Scenarios(SERVER, DOCUMENT)
        scenarios.run()
        cls.observations = scenarios.observations

    def assert_nothing_wrong(self, judge):
        """`judge` returns what is wrong with an observation, or something false."""
        found = [f"{each}: {wrong}" for each in self.observations if (wrong := judge(each))]
        if found:
            self.fail("\n".join([f"{len(found)} answers:", *found[:20]]))

    def test_each_scenario_ends_as_it_should(self):
        self.assert_nothing_wrong(
            lambda seen: seen.answer.status != seen.expected_status
            and f"{seen.answer.status} instead of {seen.expected_status}")

    def test_each_answer_is_documented(self):
        self.assert_nothing_wrong(
            lambda seen: DOCUMENT.errors_of_answer(seen.operation, seen.answer))

    def test_no_byte_follows_an_answer(self):
        """Above all, no body follows the header of an answer to HEAD (RFC 9110 section 9.3.2)."""
        self.assert_nothing_wrong(lambda seen: seen.answer.surplus)

    def test_what_is_documented_was_provoked_or_says_why_not(self):
        for operation in [*DOCUMENT.operations(), None]:
            seen = {self.variant_of(each.answer, operation) for each in self.observations
                    if each.operation == operation}
            for variant, must_be_seen in DOCUMENT.variants(operation).items():
                with self.subTest(f"{operation}: {variant}"):
                    self.assertEqual(variant in seen, must_be_seen)

    def test_every_operation_was_tried_on_each_of_its_listeners(self):
        for operation in DOCUMENT.operations():
            tried = {each.listener for each in self.observations
                     if each.operation == operation and each.answer.status in (200, 204, 405, 409)}
            self.assertEqual(tried, set(DOCUMENT.listeners(operation[1])), operation)

    def test_every_problem_was_provoked_or_says_why_not(self):
        text = b"\n".join(each.answer.body for each in self.observations).decode()
        seen = set(re.findall(rf'"type":"({PROBLEM_PREFIX}[a-z-]+)"', text))
        excused = {PROBLEM_PREFIX + slug for mark in (NOT_YET, PROVEN_ELSEWHERE)
                   for slug in DOCUMENT.problem_types[mark]}
        self.assertEqual(seen, set(DOCUMENT.problem_types["enum"]) - excused)

    def test_optional_fields_were_seen_with_and_without(self):
        """Connection may be missing, or be one of two."""
        for value in (None, "close", "keep-alive"):
            self.assertTrue(any(each.answer.fields.get("Connection") == value
                                and each.answer.status == 200 for each in self.observations))

    @staticmethod
    def variant_of(answer, operation):
        response = DOCUMENT.responses(operation).get(answer.status, {})
        return answer.status, answer.fields.get("Content-Type") if "content" in response else None


def main():
    global SERVER
    SERVER, arguments = server_and_arguments(__doc__)
    unittest.main(argv=arguments)


if __name__ == "__main__":
    main()
