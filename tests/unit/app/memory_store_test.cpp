#include "app/memory_store.hpp"

#include "net/event_loop.hpp"
#include "support/silent_store_observer.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <string>

namespace turnomatic::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr time_point start{1000s};

class keyed_take final : public take_operation {
 public:
  void complete(result_type) noexcept override { ADD_FAILURE() << "memory answers at once"; }
};

/// A store that remembers so many keys, with a worker.
class store_with_keys {
 public:
  explicit store_with_keys(std::size_t keys_max) : store_{configuration{}, keys_max} {}

  take_operation::result_type take(const std::string& key, time_point now) {
    keyed_take op;
    op.id = counter_id::from_text("a");
    op.key = key;
    op.deadline = now + 1s;
    return backend_->start(op, now).value();
  }
  /// What is degraded.
  std::set<std::string> assess(time_point now) {
    store_.assess(now, [this](bool stands, std::string_view what, const std::string& why,
                              const char* action) {
      if (!stands) {
        degraded_.erase(std::string{what});
        return;
      }
      EXPECT_NE(why, "");
      EXPECT_NE(std::string{action}, "");
      degraded_.insert(std::string{what});
    });
    return degraded_;
  }
  health_check health() const {
    std::vector<health_check> checks;
    store_.append_health(checks);
    return checks.at(1);
  }
  std::uint64_t keys_in_metrics() const {
    telemetry::instance_state state;
    store_.sample(state);
    return state.idempotency_keys;
  }

 private:
  memory_store store_;
  support::silent_store_observer events_;
  net::event_loop loop_;
  std::unique_ptr<counter_backend> backend_{store_.make_backend(loop_, events_, 0)};
  std::set<std::string> degraded_;
};

TEST(memory_store, tells_of_keys_that_it_can_no_longer_remember_until_there_is_room_to_speak_of) {
  store_with_keys store{160};
  EXPECT_THAT(store.assess(start), IsEmpty());
  int taken = 0;
  for (int i = 0; i < 1000; ++i)
    taken += store.take("early" + std::to_string(i), start).has_value() ? 1 : 0;
  ASSERT_EQ(taken, 160);
  EXPECT_EQ(store.take("late", start).error(), errc::overloaded);
  EXPECT_THAT(store.assess(start), ElementsAre("idempotency_keys_full"));
  EXPECT_EQ(store.health().name, "memory:idempotency_keys");
  EXPECT_EQ(store.health().status, health_status::warn);
  EXPECT_EQ(store.keys_in_metrics(), 160U);

  // The lifetime of a minute ends.
  EXPECT_THAT(store.assess(start + 59s), ElementsAre("idempotency_keys_full"));
  EXPECT_THAT(store.assess(start + 1min), IsEmpty());
  EXPECT_EQ(store.health().status, health_status::pass);
  EXPECT_EQ(store.keys_in_metrics(), 0U);
  EXPECT_TRUE(store.take("late", start + 1min).has_value());
}

TEST(memory_store, does_not_take_one_key_that_ended_for_room) {
  store_with_keys store{160};
  ASSERT_TRUE(store.take("first", start).has_value());
  for (int i = 0; i < 1000; ++i)
    (void)store.take("k" + std::to_string(i), start + 1s);
  EXPECT_THAT(store.assess(start + 1s), ElementsAre("idempotency_keys_full"));
  EXPECT_THAT(store.assess(start + 1min), ElementsAre("idempotency_keys_full"));
  EXPECT_EQ(store.keys_in_metrics(), 159U);
}

// So many that the hash, of a random seed, fills no shard of the table long before the others.
TEST(memory_store, warns_before_keys_are_refused) {
  store_with_keys store{64'000};
  for (int i = 1; i < 57'600; ++i)
    ASSERT_TRUE(store.take("k" + std::to_string(i), start).has_value());
  EXPECT_THAT(store.assess(start), IsEmpty());
  EXPECT_TRUE(store.take("k0", start).has_value());
  EXPECT_THAT(store.assess(start), ElementsAre("idempotency_keys_nearly_full"));
}

}  // namespace
}  // namespace turnomatic::app
