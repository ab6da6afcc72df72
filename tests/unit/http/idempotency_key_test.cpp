#include "http/idempotency_key.hpp"

#include "session_bench.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::http {
namespace {

using support::turn_of;

TEST(idempotency_key, is_the_same_with_quotation_marks_and_without) {
  EXPECT_EQ(idempotency_key_of("\"8e03978e-40d5\""), "8e03978e-40d5");
  EXPECT_EQ(idempotency_key_of("8e03978e-40d5"), "8e03978e-40d5");
  EXPECT_EQ(idempotency_key_of(std::string(128, 'k')), std::string(128, 'k'));
  EXPECT_EQ(idempotency_key_of("!#$%&'()*+-./:<=>?@[]^_`{|}~"), "!#$%&'()*+-./:<=>?@[]^_`{|}~");
}

TEST(idempotency_key, has_a_length_and_no_doubtful_characters) {
  for (const std::string& value :
       {std::string{}, std::string{"\"\""}, std::string{"\""}, std::string{"\"a"},
        std::string{"a\""}, std::string{"a b"}, std::string{"\"a b\""}, std::string{"a,b"},
        std::string{"\"a\";p=1"}, std::string{"a\\b"}, std::string{"\xc3\xa4"}, std::string{"a\tb"},
        std::string{"a\x7f"}, std::string(129, 'k')})
    EXPECT_FALSE(idempotency_key_of(value)) << value;
}

TEST(idempotency_key, reaches_the_backend_with_its_request_and_with_no_other) {
  session_bench bench{{.when = support::scripted_backend::mode::when_told}};
  bench.send(turn_request("a", "idempotency-KEY: \"k1\"\r\n") + turn_request("a") +
             turn_request("a", "Idempotency-Key: k2\r\n"));
  ASSERT_EQ(bench.backend.pending.size(), 3U);
  EXPECT_EQ(bench.backend.pending[0]->key, "k1");
  EXPECT_EQ(bench.backend.pending[1]->key, "");
  EXPECT_EQ(bench.backend.pending[2]->key, "k2");
  for (int i = 0; i < 3; ++i)
    bench.backend.complete(0);
  bench.poll();
  EXPECT_EQ(bench.statuses(), (std::vector{200, 200, 200}));
  bench.send(turn_request("a") + turn_request("a") + turn_request("a"));
  for (const take_operation* each : bench.backend.pending)
    EXPECT_EQ(each->key, "") << "of the request whose place it has taken";
  while (!bench.backend.pending.empty())
    bench.backend.complete(0);
  bench.poll();
}

TEST(idempotency_key, is_refused_when_it_is_none_and_no_turn_is_taken) {
  session_bench bench;
  bench.send(turn_request("a", "Idempotency-Key: a b\r\n") +
             turn_request("a", "Idempotency-Key:\r\n") +
             turn_request("a", "Idempotency-Key: k\r\nIdempotency-Key: k\r\n") +
             turn_request("a", "Idempotency-Key: k\r\n"));
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(answers[i].status, 400);
    EXPECT_NE(answers[i].body.find("urn:turnomatic:problem:invalid-idempotency-key"),
              std::string::npos);
  }
  EXPECT_EQ(turn_of(answers[3].body, "a"), 1U);
}

}  // namespace
}  // namespace turnomatic::http
