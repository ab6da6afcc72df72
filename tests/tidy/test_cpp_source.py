"""Tests of the measure of functions: what counts as one, and where it begins and ends.

Run by ctest, or: /usr/bin/python3 -B -m unittest test_cpp_source
"""

import unittest

from cpp_source import Unbalanced, code_of, functions_of


def lengths(text):
    return [(each.first_line, each.length) for each in functions_of(text)]


class CodeOfTest(unittest.TestCase):
    def test_blanks_comments_and_the_insides_of_literals(self):
        self.assertEqual(code_of('a("{\\"", \'{\'); // {\n/* {\n*/ b'),
                         'a("   ", \' \');     \n    \n   b')

    def test_keeps_the_lines_of_a_raw_string(self):
        self.assertEqual(code_of('x = R"json({"a":\n1})json"; y'),
                         'x = "           \n       "; y')

    def test_a_digit_separator_opens_no_literal(self):
        self.assertEqual(code_of("f(1'000, 0xff'ff); { 'x' }"), "f(1'000, 0xff'ff); { ' ' }")

    def test_blanks_directives_with_their_continuation(self):
        self.assertEqual(code_of("#define X \\\n  {\ny"), "           \n   \ny")


class FunctionsOfTest(unittest.TestCase):
    def test_finds_free_functions_members_and_templates(self):
        self.assertEqual(lengths("""\
namespace a::b {
namespace {

int one() {
  return 1;
}

}  // namespace

template <class T = std::vector<int>>
requires std::integral<T>
int two(T t) {
  if (t) {
    return 2;
  }
  return 0;
}

class c final : public d<int> {
 public:
  c() = default;
  [[nodiscard]] int three() const noexcept { return 3; }

 private:
  struct e {
    bool operator==(const e& other) const {
      return this == &other;
    }
  };
  int x_{0};
};
}  // namespace a::b
"""), [(4, 3), (10, 8), (22, 1), (26, 3)])

    def test_a_constructor_reaches_to_the_end_of_its_body(self):
        self.assertEqual(lengths("""\
c::c(int a)
    : a_{a},
      b_{a} {
  f();
}
c::d() : a_(1), b_{2} {}
"""), [(1, 5), (6, 1)])

    def test_a_function_may_return_a_named_struct(self):
        self.assertEqual(lengths("struct limits current() {\n  return {};\n}\n"), [(1, 3)])

    def test_a_handler_belongs_to_its_try_block(self):
        self.assertEqual(lengths("int f() try {\n  g();\n} catch (...) {\n  h();\n}\n"), [(1, 5)])

    def test_a_table_is_no_function_and_a_named_lambda_is_one(self):
        self.assertEqual(lengths("""\
const std::map<int, int> table = {
    {1, f(1)},
};
enum class color { red, green };
constexpr auto made = [] {
  return 1;
}();
const auto called = [](int a) {
  return a;
};
"""), [(5, 3), (8, 3)])

    def test_a_test_is_a_function(self):
        self.assertEqual(lengths("TEST(a, b) {\n  EXPECT_EQ(1, 1);\n}\n"), [(1, 3)])

    def test_a_lambda_is_part_of_the_function_around_it(self):
        self.assertEqual(lengths("void f() {\n  g([] {\n    h();\n  });\n}\n"), [(1, 5)])

    def test_declarations_and_definitions_elsewhere_do_not_count(self):
        self.assertEqual(lengths("int f(int a = g(), b c = {});\nc::~c() = default;\n"), [])

    def test_refuses_braces_that_do_not_match(self):
        for text in ("void f() {\n", "}\n", "namespace a {\n", "int x = {\n"):
            with self.subTest(text=text), self.assertRaises(Unbalanced):
                functions_of(text)


if __name__ == "__main__":
    unittest.main()
