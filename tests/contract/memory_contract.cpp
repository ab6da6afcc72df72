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
  waiting<take_operation> op;
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
  waiting<take_operation> late;
  late.id = counter_id::from_text("late");
  late.deadline = now;
  EXPECT_EQ(backend.start(late, now)->error(), errc::deadline_passed);
  waiting<peek_operation> peek;
  peek.id = counter_id::from_text("peeked");
  EXPECT_EQ(backend.start(peek, now)->value(), 0U);
  EXPECT_EQ(table.size(), 0U);

  std::uint32_t taken = 0;
  for (int i = 0; i < 100; ++i) {
    waiting<take_operation> keyed;
    const std::string key = "k" + std::to_string(i);
    keyed.id = counter_id::from_text(key);
    keyed.once = key;
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
  waiting<take_operation> op;
  op.once = "k";
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
  waiting<take_operation> op;
  op.id = counter_id::from_text("a");
  op.count = take_operation::count_max;
  table.find_or_create(*op.id)->store(turn_max);
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(backend.start(op, clock::now())->error(), errc::counter_exhausted);
  EXPECT_EQ(table.find(*op.id)->load(), turn_max);
}

TEST(memory_backend, has_nothing_to_cancel) {
  memory::counter_table table{1, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  waiting<take_operation> op;
  EXPECT_FALSE(backend.cancel(op));
}

}  // namespace
}  // namespace turnomatic::contract
