#include "backend/memory/memory_administrator.hpp"
#include "backend/memory/memory_backend.hpp"
#include "contract/counter_backend_contract.hpp"

#include <chrono>
#include <string>

namespace turnomatic::contract {
namespace {

class memory_fixture {
 public:
  std::unique_ptr<counter_backend> open_worker() {
    return std::make_unique<memory::memory_backend>(table_, keys_);
  }

  template <class Predicate>
  void run_until(counter_backend&, Predicate done) {
    ASSERT_TRUE(done()) << "the memory backend completes at once";
  }

  std::uint64_t last_turn(counter_backend&, const counter_id& id) {
    std::uint64_t turn = 0;
    memory::memory_administrator{table_}.perform(
        {.action = admin_action::peek, .id = id},
        [&turn](const result<admin_answer>& answer) { turn = answer.value().counters.at(0).turn; });
    return turn;
  }

  void set_last_turn(const counter_id& id, std::uint64_t turn) {
    table_.find_or_create(id)->store(turn);
  }

 private:
  memory::counter_table table_{1000, 7};
  memory::once_table keys_{16'000, 7, std::chrono::minutes{1}};
};

INSTANTIATE_TYPED_TEST_SUITE_P(memory, counter_backend_contract, memory_fixture);

TEST(memory_backend, answers_store_full_to_new_ids_and_goes_on_counting_the_others) {
  memory::counter_table table{2, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  waiting_take op;
  const auto take = [&](const char* id) {
    op.id = counter_id::from_text(id);
    return *backend.start(op, clock::now());
  };
  EXPECT_EQ(take("a").value().first, 1U);
  EXPECT_EQ(take("b").value().first, 1U);
  EXPECT_EQ(take("c").error(), errc::store_full);
  EXPECT_EQ(take("c").error(), errc::store_full);
  EXPECT_EQ(take("a").value().first, 2U);
  EXPECT_EQ(table.size(), 2U);
}

TEST(memory_backend, creates_no_counter_for_what_it_refuses) {
  memory::counter_table table{100, 7};
  memory::once_table keys{memory::once_table::shard_count, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  const time_point now = clock::now();
  waiting_take late;
  late.id = counter_id::from_text("late");
  late.deadline = now;
  EXPECT_EQ(backend.start(late, now)->error(), errc::deadline_passed);
  EXPECT_EQ(table.size(), 0U);

  std::uint32_t taken = 0;
  for (int i = 0; i < 100; ++i) {
    waiting_take keyed;
    const std::string key = "k" + std::to_string(i);
    keyed.id = counter_id::from_text(key);
    keyed.key = key;
    const auto outcome = *backend.start(keyed, now);
    if (outcome)
      ++taken;
    else
      EXPECT_EQ(outcome.error(), errc::overloaded);
  }
  EXPECT_LE(taken, keys.capacity());
  EXPECT_EQ(table.size(), taken);
}

TEST(memory_backend, remembers_no_key_of_what_it_refuses) {
  memory::counter_table table{1, 7};
  memory::once_table keys{160, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  waiting_take op;
  op.key = "k";
  op.id = counter_id::from_text("a");
  table.find_or_create(*op.id)->store(turn_max);
  EXPECT_EQ(backend.start(op, clock::now())->error(), errc::counter_exhausted);
  op.id = counter_id::from_text("b");
  EXPECT_EQ(backend.start(op, clock::now())->error(), errc::store_full);
  EXPECT_EQ(keys.size(), 0U);
}

TEST(memory_backend, does_not_wrap_however_often_an_exhausted_counter_is_asked) {
  memory::counter_table table{1, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  waiting_take op;
  op.id = counter_id::from_text("a");
  op.count = take_operation::count_max;
  table.find_or_create(*op.id)->store(turn_max);
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(backend.start(op, clock::now())->error(), errc::counter_exhausted);
  EXPECT_EQ(table.find(*op.id)->load(), turn_max);
}

constexpr token_rate off{.per_minute = 0, .burst = 1};

TEST(memory_backend, refuses_new_ids_beyond_their_limit_and_goes_on_counting_the_others) {
  memory::counter_table table{100, 7};
  memory::once_table keys{160, 7, std::chrono::minutes{1}};
  new_id_limit new_ids{{{.per_minute = 2, .burst = 2}, off}, 7};
  memory::memory_backend backend{table, keys, &new_ids};
  const time_point start{std::chrono::seconds{1000}};
  waiting_take op;
  const auto take = [&](const char* id, duration after = {}) {
    op.id = counter_id::from_text(id);
    return *backend.start(op, start + after);
  };
  EXPECT_EQ(take("a").value().first, 1U);
  EXPECT_EQ(take("b").value().first, 1U);
  EXPECT_EQ(take("c").error(), errc::too_many_new_ids);
  EXPECT_EQ(op.retry_in, std::chrono::seconds{30});
  EXPECT_EQ(table.size(), 2U) << "it was not created";
  for (std::uint64_t turn = 2; turn < 100; ++turn)
    EXPECT_EQ(take("a").value().first, turn) << "known ids pay nothing";
  EXPECT_EQ(take("c", std::chrono::seconds{30}).value().first, 1U);
  op.key = "k";
  EXPECT_EQ(take("d", std::chrono::seconds{30}).error(), errc::too_many_new_ids);
  EXPECT_EQ(keys.size(), 0U);
  EXPECT_EQ(take("d", std::chrono::seconds{60}).value().first, 1U) << "nor does a refusal";
}

TEST(memory_backend, counts_new_ids_for_each_client) {
  memory::counter_table table{100, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  new_id_limit new_ids{{off, {.per_minute = 1, .burst = 1}}, 7};
  memory::memory_backend backend{table, keys, &new_ids};
  const time_point now = clock::now();
  waiting_take op;
  const auto take = [&](const char* id, std::uint64_t client) {
    op.id = counter_id::from_text(id);
    op.client = client;
    return *backend.start(op, now);
  };
  EXPECT_TRUE(take("a", 1));
  EXPECT_EQ(take("b", 1).error(), errc::too_many_new_ids);
  EXPECT_TRUE(take("b", 2));
  EXPECT_TRUE(take("b", 1)) << "it is not new any more";
}

TEST(memory_backend, says_that_it_is_full_and_charges_nothing_when_it_is) {
  memory::counter_table table{1, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  new_id_limit new_ids{{{.per_minute = 1, .burst = 2}, off}, 7};
  memory::memory_backend backend{table, keys, &new_ids};
  waiting_take op;
  for (const char* const id : {"a", "b", "c", "d", "e"}) {
    op.id = counter_id::from_text(id);
    const auto outcome = *backend.start(op, clock::now());
    EXPECT_TRUE(outcome || outcome.error() == errc::store_full) << id;
  }
  EXPECT_FALSE(new_ids.charge(0, clock::now())) << "one of two was charged";
}

TEST(memory_backend, has_nothing_to_cancel) {
  memory::counter_table table{1, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  waiting_take op;
  EXPECT_FALSE(backend.cancel(op));
}

}  // namespace
}  // namespace turnomatic::contract
