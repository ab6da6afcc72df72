"""Tests of the size of classes: what counts, where the bounds are, and how exceptions shrink."""

import class_size
from class_size import Size, sizes_of
from exceptions import LIST
from source_tree import Tree
from test_check_tree import CheckTest

PATH = "src/core/a.hpp"


def lines(pattern, count):
    return "".join(f"  {pattern.format(number)}\n" for number in range(count))


def a_class(members, methods, exceptions=None):
    text = lines("int m{}_;", members) + lines("void f{}();", methods)
    files = {PATH: f"namespace n {{\nclass a {{\n{text}}};\n}}\n"}
    if exceptions is not None:
        files[LIST] = f"[class_size]\n{exceptions}"
    return files


def excused(members, methods, reason="why"):
    return f'"n::a" = {{ members = {members}, methods = {methods}, reason = "{reason}" }}\n'


def sizes(text):
    return {name: tuple(size) for _, name, size in sizes_of(Tree({PATH: text}))}


class SizeTest(CheckTest):
    check = staticmethod(class_size.check_class_size)

    def test_15_members_and_25_methods_are_enough(self):
        self.assert_passes(self.check, a_class(15, 25), a_class(0, 0), a_class(15, 0),
                           {"tests/a.hpp": a_class(16, 26)[PATH]})
        self.assert_fails(self.check, a_class(16, 25), a_class(15, 26), a_class(16, 26))

    def test_names_where_the_class_begins_and_how_large_it_is(self):
        found, = self.check(Tree(a_class(16, 2)))
        self.assertEqual((found.path, found.line), (PATH, 2))
        self.assertIn("n::a has 16 members and 2 methods", found.message)

    def test_an_exception_holds_for_the_size_that_it_names(self):
        self.assert_passes(self.check, a_class(16, 26, excused(16, 26)))
        self.assert_fails(self.check, a_class(16, 26, excused(15, 26)),
                          a_class(16, 26, excused(16, 25)))
        found, = self.check(Tree(a_class(17, 2, excused(16, 2))))
        self.assertEqual(found.path, PATH)

    def test_an_exception_shrinks_with_the_class(self):
        for files in (a_class(16, 3, "\n" + excused(17, 3)), a_class(17, 2, "\n" + excused(17, 3)),
                      a_class(15, 25, "\n" + excused(16, 25)),
                      a_class(1, 1, "\n" + excused(16, 1))):
            found, = self.check(Tree(files))
            self.assertEqual((found.path, found.line), (LIST, 3))

    def test_one_that_grows_in_one_way_and_shrinks_in_the_other_fails(self):
        self.assert_fails(self.check, a_class(17, 1, excused(16, 2)),
                          a_class(16, 3, excused(17, 2)))

    def test_an_exception_names_a_class_and_has_a_reason(self):
        self.assert_fails(self.check, a_class(1, 1, excused(16, 1).replace("n::a", "n::b")),
                          a_class(16, 1, excused(16, 1, reason="")))


class CountTest(CheckTest):
    def test_static_members_are_no_state(self):
        self.assertEqual(sizes("""\
struct a {
  static constexpr int one = 1;
  int two{2};
  const b* const three;
  std::array<int, 3> four{}, five{};
  mutable std::atomic<bool> six{false};
  b& seven;
};
"""), {"a": (6, 0)})

    def test_constructors_and_operators_are_no_ideas(self):
        self.assertEqual(sizes("""\
class a : public b {
 public:
  a();
  explicit a(int x) : x_{x} {}
  ~a() override;
  a& operator=(const a&) = delete;
  bool operator()(int x) const { return x == x_; }
  [[nodiscard]] static int one() noexcept;
  virtual void two() = 0;
  template <class T>
  T three(T t) {
    return [t] { return t; }();
  }
  int three(int x) const;

 private:
  int x_;
};
int a::one() noexcept { return 1; }
"""), {"a": (1, 4)})

    def test_types_within_a_class_count_for_themselves(self):
        self.assertEqual(sizes("""\
namespace {
class a {
  enum class kind { one, two };
  using list = std::vector<int>;
  struct inner {
    int x;
    int y() const;
  };
  struct {
    int z;
  } named;
  inner each_;
};
}
"""), {"a": (2, 0), "a::inner": (1, 1), "a::named": (1, 0)})

    def test_a_size_exceeds_another_in_one_way_or_the_other(self):
        self.assertTrue(Size(2, 1).exceeds(Size(1, 2)))
        self.assertTrue(Size(1, 2).exceeds(Size(2, 1)))
        self.assertFalse(Size(1, 2).exceeds(Size(1, 2)))
