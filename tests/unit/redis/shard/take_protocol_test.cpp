#include "backend/redis/shard/take_protocol.hpp"

#include "core/coalescer.hpp"
#include "unit/redis/resp_reply.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

// With the generation of the registration.
constexpr const char* closed_and_in_place =
    "*4\r\n$6\r\nclosed\r\n$6\r\ntoken1\r\n$1\r\n0\r\n$1\r\n1\r\n";

using fate = take_protocol::fate;
using kind = take_protocol::verdict::kind;
using state = take_protocol::state;

/// A lane that counts, and a packet of one take that can be sent.
class take_protocol_test : public testing::Test {
 protected:
  struct take final : take_operation {
    void complete(result_type) noexcept override {}
  };

  take_protocol_test() {
    one_.id = counter_id::from_text("a");
    EXPECT_TRUE(waiting_.enqueue(one_));
    waiting_.fill(packet_, {}, time_point{});
    connect("run1");
    EXPECT_EQ(answers("*2\r\n$10\r\nregistered\r\n$4\r\nloss\r\n").type, kind::counting);
  }
  ~take_protocol_test() override { waiting_.fail(packet_[0], errc::unavailable); }

  /// On a new connection, as far as the entry command.
  void connect(const std::string& run) {
    lane_.disconnected();
    lane_.connected(run);
    enter();
  }
  void enter() {
    said_.clear();
    lane_.enter(said_, keys_, {"store1", lane_.run(), "instance1"});
  }
  take_protocol::verdict answers(const std::string& bytes) {
    resp_reply answer{bytes};
    return lane_.on_entered(read_entry_answer(answer.value()));
  }
  /// A takeover that found `sequence`, with one result.
  take_protocol::verdict took_over(int sequence, const std::string& token = "loss",
                                   const char* packet = "7") {
    return answers("*5\r\n$10\r\ntaken_over\r\n$1\r\n" + std::to_string(sequence) + "\r\n$" +
                   std::to_string(token.size()) + "\r\n" + token + "\r\n*1\r\n:1\r\n$1\r\n" +
                   packet + "\r\n");
  }
  void send() {
    said_.clear();
    const std::vector<std::uint64_t> marks{0};
    lane_.send(said_, packet_, marks, loss_policy::halt, std::chrono::milliseconds{1},
               time_point{std::chrono::nanoseconds{7}});
  }
  take_protocol::verdict packet_answers(const std::string& bytes) {
    resp_reply answer{bytes};
    return lane_.on_packet(answer.value(), 1);
  }
  [[nodiscard]] bool said(std::string_view word) const {
    return said_.find(word) != std::string::npos;
  }

  int drawn_{0};
  coalescer waiting_{{}, 1};
  take one_;
  packet packet_;
  const bucket_keys keys_{"t", 0};
  std::string said_;
  take_protocol lane_{[this] { return "token" + std::to_string(++drawn_); }};
};

TEST_F(take_protocol_test, registers_where_it_has_no_record) {
  EXPECT_TRUE(lane_.is_registered());
  EXPECT_EQ(lane_.standing(), state::counting);
  EXPECT_TRUE(said("register") || said(std::string{script_of(script_id::register_lane).sha}));
}

TEST_F(take_protocol_test, hands_out_the_results_of_an_answer) {
  send();
  EXPECT_TRUE(lane_.packet_under_way());
  const auto verdict = packet_answers("*1\r\n:1\r\n");
  EXPECT_EQ(verdict.type, kind::counting);
  EXPECT_EQ(verdict.packet, fate::executed);
  EXPECT_FALSE(lane_.packet_under_way());
}

TEST_F(take_protocol_test, takes_an_answer_of_another_size_for_none_of_its_own) {
  send();
  EXPECT_EQ(packet_answers("*2\r\n:1\r\n:2\r\n").type, kind::malformed);
  EXPECT_TRUE(lane_.packet_under_way());
}

TEST_F(take_protocol_test, says_nothing_but_the_takeover_after_a_cut) {
  send();
  connect("run1");
  EXPECT_TRUE(said(script_of(script_id::take_over).sha));
  EXPECT_EQ(lane_.standing(), state::entering);
}

struct takeover_row {
  const char* name;
  bool sent;
  const char* run;
  const char* token;
  int sequence;
  kind type;
  fate packet;
};

class takeover : public take_protocol_test, public testing::WithParamInterface<takeover_row> {};

TEST_P(takeover, tells_what_became_of_the_packet) {
  const takeover_row& row = GetParam();
  if (row.sent)
    send();
  connect(row.run);
  const auto verdict = took_over(row.sequence, row.token);
  EXPECT_EQ(verdict.type, row.type);
  EXPECT_EQ(verdict.packet, row.packet);
  EXPECT_EQ(lane_.packet_under_way(), false);
  EXPECT_EQ(verdict.behind, row.type == kind::lost);
}

INSTANTIATE_TEST_SUITE_P(
    rows, takeover,
    testing::Values(
        takeover_row{"nothing_under_way", false, "run1", "loss", 0, kind::counting, fate::none},
        takeover_row{"executed", true, "run1", "loss", 1, kind::counting, fate::executed},
        takeover_row{"not_executed", true, "run1", "loss", 0, kind::counting, fate::not_executed},
        takeover_row{"executed_before_a_restart_without_loss", true, "run2", "loss", 1,
                     kind::counting, fate::executed},
        takeover_row{"executed_before_a_restart_with_loss", true, "run2", "other", 1,
                     kind::counting, fate::unknown},
        takeover_row{"executed_in_this_run_whatever_the_token", true, "run1", "other", 1,
                     kind::counting, fate::executed},
        takeover_row{"not_executed_before_a_restart", true, "run2", "loss", 0, kind::counting,
                     fate::doubtful},
        takeover_row{"further_than_it_can_be", true, "run1", "loss", 2, kind::lost, fate::unknown},
        takeover_row{"executed_though_nothing_was_sent", false, "run1", "loss", 1, kind::lost,
                     fate::none}),
    [](const auto& row) { return row.param.name; });

// The server was not restarted, and what the packet did may be lost all the same.
TEST_F(take_protocol_test, takes_a_closing_for_another_run) {
  send();
  connect("run1");
  EXPECT_EQ(answers(closed_and_in_place).type, kind::closed);
  enter();
  const take_protocol::verdict found = took_over(0);
  EXPECT_EQ(found.type, kind::counting);
  EXPECT_EQ(found.packet, fate::doubtful);
}

// A copy of the process that was made while a takeover was under way must not share the record.
TEST_F(take_protocol_test, offers_another_generation_on_each_connection) {
  connect("run1");
  EXPECT_TRUE(said("token3"));
  connect("run1");
  EXPECT_TRUE(said("token4"));
  EXPECT_TRUE(said("token3")) << "the record may have it";
  EXPECT_TRUE(said("token1")) << "or the one before";
}

TEST_F(take_protocol_test, offers_one_generation_while_the_store_is_closed) {
  connect("run2");
  const std::string first = said_;
  EXPECT_EQ(answers(closed_and_in_place).type, kind::closed);
  enter();
  EXPECT_EQ(said_, first);
}

TEST_F(take_protocol_test, knows_no_generation_from_before_the_acknowledged_one) {
  connect("run1");
  EXPECT_EQ(took_over(0).type, kind::counting);
  connect("run2");
  EXPECT_FALSE(said("token1"));
  EXPECT_TRUE(answers(closed_and_in_place).behind) << "that is a record of an earlier time";
}

TEST_F(take_protocol_test, keeps_the_takeover_short_however_many_were_not_answered) {
  for (int i = 0; i < 100; ++i)
    connect("run1");
  EXPECT_LT(said_.size(), 1000U);
  EXPECT_EQ(took_over(0).type, kind::counting);
}

TEST_F(take_protocol_test, draws_a_new_name_for_each_registration) {
  take_protocol other{[this] { return "token" + std::to_string(++drawn_); }};
  other.connected("run1");
  std::string first;
  other.enter(first, keys_, {"store1", "run1", "instance1"});
  other.disconnected();
  other.connected("run1");
  std::string second;
  other.enter(second, keys_, {"store1", "run1", "instance1"});
  EXPECT_NE(first, second);
}

// It went on from where this one stood, before either had taken the record over.
TEST_F(take_protocol_test, takes_no_results_of_a_copy_of_its_process) {
  send();
  connect("run1");
  const auto verdict = took_over(1, "loss", "8");
  EXPECT_EQ(verdict.type, kind::lost);
  EXPECT_EQ(verdict.packet, fate::unknown);
  EXPECT_TRUE(verdict.has_double);
}

TEST_F(take_protocol_test, registers_anew_after_a_loss) {
  connect("run1");
  const auto verdict = answers("*3\r\n$7\r\nrefused\r\n$0\r\n\r\n$0\r\n\r\n");
  EXPECT_EQ(verdict.type, kind::lost);
  EXPECT_EQ(verdict.loss, "expected sequence 0, found no record");
  EXPECT_FALSE(lane_.is_registered());
  enter();
  EXPECT_TRUE(said(script_of(script_id::register_lane).sha));
}

TEST_F(take_protocol_test, sees_a_double_where_another_generation_goes_on) {
  send();
  const auto verdict = packet_answers("*3\r\n$7\r\nrefused\r\n$4\r\nelse\r\n$1\r\n1\r\n");
  EXPECT_EQ(verdict.type, kind::lost);
  EXPECT_EQ(verdict.packet, fate::unknown);
  EXPECT_TRUE(verdict.has_double);
}

TEST_F(take_protocol_test, keeps_its_packet_while_the_store_is_closed) {
  send();
  connect("run2");
  const auto verdict = answers(closed_and_in_place);
  EXPECT_EQ(verdict.type, kind::closed);
  EXPECT_FALSE(verdict.behind);
  EXPECT_TRUE(lane_.packet_under_way());
  EXPECT_EQ(lane_.standing(), state::barred);
}

TEST_F(take_protocol_test, finds_its_record_behind_in_a_closed_store) {
  send();
  EXPECT_EQ(packet_answers("*1\r\n:1\r\n").packet, fate::executed);
  connect("run2");
  const auto verdict = answers(closed_and_in_place);
  EXPECT_EQ(verdict.type, kind::closed);
  EXPECT_TRUE(verdict.behind);
}

TEST_F(take_protocol_test, has_nothing_in_a_store_that_was_adopted) {
  send();
  lane_.disconnected();
  EXPECT_TRUE(lane_.forsake());
  EXPECT_FALSE(lane_.packet_under_way());
  EXPECT_FALSE(lane_.is_registered());
}

}  // namespace
}  // namespace turnomatic::redis
