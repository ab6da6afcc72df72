// Every raw request against the real server over a real socket.
#include "support/request_vectors.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>

namespace turnomatic::support {
namespace {

class vectors_over_a_socket : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new server_process; }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static server_process* server_;
};
server_process* vectors_over_a_socket::server_ = nullptr;

std::uint64_t count_turns(const parsed_answers& parsed) {
  std::uint64_t turns = 0;
  for (const http_answer& answer : parsed.answers)
    turns += answer.body.starts_with(R"({"id":)");
  return turns;
}

// Adds the turns that it was given to `turns`.
void expect_answers(std::uint16_t port, const request_vector& v, std::uint64_t& turns) {
  SCOPED_TRACE(v.name);
  const bool head_only = v.bytes.starts_with("HEAD ");
  tcp_client client{port};
  ASSERT_TRUE(client.send(v.bytes));
  const parsed_answers first = client.read_answers(v.statuses.size(), head_only);
  ASSERT_EQ(first.statuses(), v.statuses);
  turns += count_turns(first);
  if (v.closes) {
    // In good order: a reset could have eaten the answer.
    ASSERT_EQ(client.read_to_end(), tcp_client::end::closed);
    ASSERT_EQ(parse_answers(client.received(), head_only).statuses(), v.statuses);
    return;
  }
  if (head_only)
    return;  // answers with and without content cannot be told apart behind each other
  ASSERT_TRUE(client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto parsed = client.read_answers(v.statuses.size() + 1);
  ASSERT_EQ(parsed.answers.size(), v.statuses.size() + 1);
  ASSERT_EQ(parsed.answers.back().status, 200);
  ASSERT_EQ(parsed.rest, "");
}

TEST_F(vectors_over_a_socket, are_answered_as_they_should_be_and_every_turn_is_accounted_for) {
  const std::string issued = "turnomatic_turns_issued_total{backend=\"memory\"}";
  const double before = server_->metric(issued);
  std::uint64_t turns = 0;
  for (const request_vector& v : request_vectors()) {
    expect_answers(server_->port(), v, turns);
    if (HasFatalFailure())
      return;
  }
  EXPECT_GT(turns, 0U);
  EXPECT_TRUE(server_->metric_becomes(issued, before + static_cast<double>(turns)));
  EXPECT_EQ(server_->metric("turnomatic_turns_burned_total{reason=\"client_gone\"}"), 0);
}

TEST_F(vectors_over_a_socket, get_their_answer_even_if_they_go_on_sending) {
  // 64 MB behind a refused request: the server must read on until we have the answer.
  tcp_client client{server_->port()};
  client.send("POST /turno/a HTTP/1.1\r\nHost: h\r\nContent-Length: 67108864\r\n\r\n");
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 64 && client.send(megabyte); ++i) {
  }
  client.shutdown_send();
  EXPECT_EQ(client.read_answers(1).statuses(), std::vector<int>{413});
}

TEST_F(vectors_over_a_socket, leave_the_server_answering) {
  EXPECT_EQ(server_->get("/turno/after").body, R"({"id":"after","turno":1})");
}

}  // namespace
}  // namespace turnomatic::support
