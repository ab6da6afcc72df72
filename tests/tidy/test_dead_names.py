"""Tests of the search for dead names: what it finds, what is no use of a name, and what is one."""

import dead_names
from exceptions import LIST
from source_tree import Tree
from test_check_tree import CheckTest

HEADER = "src/core/a.hpp"
SOURCE = "src/core/a.cpp"
USER = "src/app/u.cpp"


def declared(text, user="", others=None):
    """A declaration in a namespace, and a file that includes it."""
    return {HEADER: f"namespace turnomatic {{\n{text}\n}}\n",
            USER: f'#include "core/a.hpp"\nint main() {{\n{user}\n}}\n', **(others or {})}


def in_class(text, user="a it;"):
    return declared(f"class a {{\n public:\n  {text}\n}};", user)


class DeadNamesTest(CheckTest):
    check = staticmethod(dead_names.check_everything_is_used)

    def assert_dead(self, *trees):
        self.assert_fails(self.check, *trees)

    def assert_alive(self, *trees):
        self.assert_passes(self.check, *trees)

    def test_functions_types_and_constants_are_used_somewhere(self):
        for text, use in (("int f();", "f();"), ("inline int f() { return 1; }", "f();"),
                          ("template <class T>\nT f(T t) { return t; }", "f<int>(1);"),
                          ("struct s {\n  int m;\n};", "s{}.m;"), ("class c;\nclass c {};", "c{};"),
                          ("using u = int;", "u{};"), ("inline constexpr int k = 1;", "g(k);"),
                          ("enum class e { one };", "e::one;"), ("extern int v;", "v = 1;")):
            self.assert_alive(declared(text, use))
            found = list(self.check(Tree(declared(text))))
            self.assertTrue(found, text)
            self.assertTrue(all(each.path == HEADER for each in found), found)

    def test_names_the_line_and_the_scope(self):
        found, = self.check(Tree(in_class("void f();")))
        self.assertEqual(str(found),
                         f"{HEADER}:4: nothing in the product uses turnomatic::a::f")

    def test_tests_do_not_count(self):
        use = '#include "core/a.hpp"\nTEST(a, b) {\n  f();\n}\n'
        self.assert_dead(declared("int f();", others={"tests/unit/core/a_test.cpp": use}))

    def test_the_definition_is_no_use(self):
        body = '#include "core/a.hpp"\nnamespace turnomatic {\nint f(int x) {\n  return x;\n}\n}\n'
        self.assert_dead(declared("int f(int x);", others={SOURCE: body}))
        method = body.replace("int f", "int a::f")
        self.assert_dead({**in_class("int f(int x);"), SOURCE: method})

    def test_a_function_that_only_calls_itself_is_dead(self):
        self.assert_dead(declared("inline int f(int x) {\n  return x ? f(x - 1) : 0;\n}"))

    def test_a_class_is_not_used_by_its_own_functions(self):
        body = '#include "core/a.hpp"\nnamespace turnomatic {\na::a() {}\n}\n'
        self.assert_dead(declared("class a {\n public:\n  a();\n  a(const a&) = delete;\n};",
                                  others={SOURCE: body}))

    def test_an_announcement_is_no_use(self):
        self.assert_dead({**declared("class c {};"), "src/core/b.hpp": "class c;\n",
                          SOURCE: '#include "core/a.hpp"\nfriend class c;\n'})

    def test_comments_and_texts_are_no_use(self):
        self.assert_dead(declared("int f();", '// f();\ng("f()");'))

    def test_a_member_function_is_called_or_named_with_its_class(self):
        self.assert_alive(in_class("int f();", "a{}.f();"), in_class("int f();", "g(&a::f);"),
                          in_class("template <class T>\n  T f();", "a{}.f<int>();"))
        self.assert_dead(in_class("int f();", "a it;\nint f = 1;"),
                         in_class("int f();", "a it{.f = 1};"))

    def test_a_use_sees_the_declaration(self):
        call = "int main() {\n  it.f();\n}\n"
        self.assert_dead({**in_class("int f();"), "src/app/b.cpp": call})
        self.assert_alive({**in_class("int f();"), "src/app/b.hpp": '#include "core/a.hpp"\n',
                           "src/app/b.cpp": f'#include "app/b.hpp"\n{call}'})

    def test_a_template_is_seen_by_the_type_that_it_is_made_for(self):
        def tree(before):
            return {"src/core/t.hpp": f"{before}\nint g(T t) {{\n  return t.f();\n}}\n",
                    USER: '#include "core/t.hpp"\nnamespace {\nstruct a {\n  int f();\n};\n}\n'
                          "int main() {\n  g(a{});\n}\n"}
        self.assert_alive(tree("template <class T>"))
        self.assert_dead(tree(""))

    def test_the_bench_and_the_reference_are_product(self):
        for user in ("tools/bench/load/u.cpp", "tools/reference/u.cpp"):
            self.assert_alive({HEADER: "namespace turnomatic {\nint f();\n}\n",
                               user: '#include "core/a.hpp"\nint main() {\n  f();\n}\n'})
        self.assert_dead({"tools/bench/load/a.hpp": "namespace turnomatic::bench {\nint f();\n}\n"})

    def test_what_is_used_without_its_name_is_left_alone(self):
        self.assert_alive(
            in_class("a();\n  explicit a(int x);\n  ~a();\n  bool operator==(const a&) const;"),
            in_class("void f() override;"), in_class("void f() = delete;"),
            in_class("using is_transparent = void;"),
            {"src/core/h.hpp": "template <>\nstruct std::hash<int> {};\n"
                               "namespace std {\nstruct mine {};\n}\n"})

    def test_a_virtual_function_is_called(self):
        override = "class b : a {\n  void f() override;\n};"
        base = "class a {\n  virtual void f() = 0;\n};\n"
        self.assert_dead(declared(base + override, "b{};"))
        self.assert_alive(declared(base + override, "b{}.f();"))

    def test_what_ctags_takes_for_a_function_is_none(self):
        self.assert_alive(declared("constexpr bool f() { return true; }\nstatic_assert(f());"),
                          in_class("template <class T>\n"
                                   "  requires std::convertible_to<const T&, int>\n"
                                   "  explicit(false) a(const T& t) : x{t} {}"))


class ExceptionsTest(CheckTest):
    def tree(self, exceptions, user=""):
        return {**declared("int f();", user), LIST: f"[dead_names]\n{exceptions}"}

    def test_an_exception_has_a_reason(self):
        self.assert_passes(dead_names.check_everything_is_used,
                           self.tree('"turnomatic::f" = "why"\n'))
        self.assert_fails(dead_names.check_everything_is_used, self.tree('"turnomatic::f" = ""\n'))

    def test_an_exception_that_is_not_needed_is_found_where_it_stands(self):
        for files in (self.tree('"turnomatic::f" = "why"\n', "f();"),
                      self.tree('"turnomatic::f" = "why"\n"turnomatic::gone" = "why"\n')):
            found, = dead_names.check_everything_is_used(Tree(files))
            self.assertEqual(found.path, LIST)
            self.assertIn("needs no exception", found.message)
        self.assertEqual(found.line, 3)
