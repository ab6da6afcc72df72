"""Tests of the check of operators' names: it fails on a bad example and passes on a good one."""

import operator_names
from test_check_tree import CheckTest

CHECK = 'health_check ids{\n    "memory:ids", "datastore", health_status::pass, f(a, b),\n};\n'
NOTE = 'note(!f(a, b) && c < d, "store_full", text("a, b"),\n     "nothing");\n'
CONSTANT = 'constexpr std::string_view limit = "connection_limit";\nnote(f(), limit, {}, "");\n'


def app(text, *rows):
    table = "".join(f"| `{row}` | x |\n" for row in rows)
    return {"src/app/a.cpp": text,
            "docs/api.md": "| `memory:ids` | elsewhere |\n## Health, and what is degraded\n\n"
                           f"{table}\nsays `store_full` as well\n\n## Limits\n\n| `ids` | x |\n"}


class OperatorNamesTest(CheckTest):
    def test_each_has_a_row(self):
        check = operator_names.check_names_are_documented
        self.assert_passes(check, app(CHECK, "memory:ids"), app(NOTE, "store_full"),
                           app(CONSTANT, "connection_limit"), app(NOTE + NOTE, "store_full"))
        self.assert_fails(check, app(CHECK), app(NOTE), app(CONSTANT),
                          {"src/app/a.cpp": NOTE}, {"src/app/a.cpp": NOTE, "docs/api.md": "# A\n"})

    def test_each_row_is_of_a_name(self):
        self.assert_fails(operator_names.check_names_are_documented,
                          app("", "memory:ids"), app(CHECK, "memory:ids", "store_full"),
                          app("// " + NOTE.replace("\n", ""), "store_full"))

    def test_names_that_are_handed_on_stand_elsewhere(self):
        self.assert_passes(
            operator_names.check_names_are_documented,
            app("void note(bool stands, std::string_view what, std::string why);\n"),
            app("std::string note() const;\n"), app("note(stands, what, std::move(why));\n"),
            app('// note(a, "b", {}, ""); and "memory:ids"\n'))
