#include "load/turn_body.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace turnomatic::bench {
namespace {

struct body_case {
  const char* name;
  std::string body;
  outcome what;
  std::uint64_t turn{0};

  friend std::ostream& operator<<(std::ostream& out, const body_case& which) {
    return out << which.name;
  }
};

class turn_body_table : public testing::TestWithParam<body_case> {};

TEST_P(turn_body_table, is_read_as_the_answer_for_grupo7) {
  const turn_body found = read_turn_body(GetParam().body, "grupo7");
  EXPECT_EQ(found.what, GetParam().what);
  EXPECT_EQ(found.turn, GetParam().turn);
}

INSTANTIATE_TEST_SUITE_P(
    bodies, turn_body_table,
    testing::Values(
        body_case{"usual", R"({"id":"grupo7","turno":42})", outcome::answered, 42},
        body_case{"first", R"({"id":"grupo7","turno":1})", outcome::answered, 1},
        body_case{"largest", R"({"id":"grupo7","turno":9007199254740991})", outcome::answered,
                  9007199254740991},
        body_case{"beyond", R"({"id":"grupo7","turno":9007199254740992})", outcome::malformed},
        body_case{"spaced", "{ \"id\": \"grupo7\", \"turno\": 42 }\n", outcome::answered, 42},
        body_case{"turned_round", R"({"turno":42,"id":"grupo7"})", outcome::answered, 42},
        body_case{"more_members", R"({"id":"grupo7","turno":42,"x":0})", outcome::answered, 42},
        body_case{"zero", R"({"id":"grupo7","turno":0})", outcome::malformed},
        body_case{"leading_zero", R"({"id":"grupo7","turno":042})", outcome::malformed},
        body_case{"negative", R"({"id":"grupo7","turno":-1})", outcome::malformed},
        body_case{"fraction", R"({"id":"grupo7","turno":4.5})", outcome::malformed},
        body_case{"text", R"({"id":"grupo7","turno":"42"})", outcome::malformed},
        body_case{"cut", R"({"id":"grupo7","turno":42)", outcome::malformed},
        body_case{"behind", R"({"id":"grupo7","turno":42}x)", outcome::malformed},
        body_case{"no_turn", R"({"id":"grupo7"})", outcome::malformed},
        body_case{"no_id", R"({"turno":42})", outcome::malformed},
        body_case{"no_object", "42", outcome::malformed},
        body_case{"empty", "", outcome::malformed},
        body_case{"other_id", R"({"id":"grupo8","turno":42})", outcome::wrong_id},
        body_case{"longer_id", R"({"id":"grupo77","turno":42})", outcome::wrong_id},
        body_case{"other_case", R"({"id":"Grupo7","turno":42})", outcome::wrong_id}),
    [](const auto& tested) { return tested.param.name; });

TEST(certainly_not_applied, holds_for_any_client_error_that_does_not_say_otherwise) {
  EXPECT_TRUE(certainly_not_applied(404, "<html>"));
  EXPECT_TRUE(certainly_not_applied(409, R"({"applied":"no"})"));
  EXPECT_FALSE(certainly_not_applied(409, R"({"applied": "unknown"})"));
}

TEST(certainly_not_applied, holds_for_a_server_error_only_if_it_says_so) {
  EXPECT_TRUE(certainly_not_applied(503, R"({"type":"x","applied":"no"})"));
  EXPECT_TRUE(certainly_not_applied(503, R"({"applied" : "no"})"));
  EXPECT_FALSE(certainly_not_applied(503, R"({"applied":"unknown"})"));
  EXPECT_FALSE(certainly_not_applied(502, "<html>Bad Gateway</html>"));
}

}  // namespace
}  // namespace turnomatic::bench
