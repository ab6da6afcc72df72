// The contract of a backend, against a real Redis.
#include "backend/redis/redis_backend.hpp"
#include "contract/counter_backend_contract.hpp"
#include "support/redis_process.hpp"
#include "support/silent_store_observer.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace turnomatic::contract {
namespace {

using namespace std::chrono_literals;

/// A backend with an event loop of its own, which turns while somebody waits.
class looped_backend final : public counter_backend {
 public:
  looped_backend(redis::store_guard& guard, const configuration& how)
      : tested_{{loop_, guard, events_, nullptr}, how, {}, "contract"} {
    loop_.sockets.start();
    tested_.begin();
    run_until([this] { return tested_.status().lane_open.load(); });
  }

  template <class Predicate>
  void run_until(Predicate done) {
    const time_point end = clock::now() + 10s;
    while (!done() && clock::now() < end)
      loop_.io.run_one_for(100ms);
    EXPECT_TRUE(done());
  }

  std::optional<take_operation::result_type> start(take_operation& op, time_point now) override {
    return tested_.start(op, now);
  }
  std::optional<peek_operation::result_type> start(peek_operation& op, time_point now) override {
    return tested_.start(op, now);
  }
  std::optional<ping_operation::result_type> start(ping_operation& op, time_point now) override {
    return tested_.start(op, now);
  }
  bool cancel(take_operation& op) noexcept override { return tested_.cancel(op); }
  [[nodiscard]] std::string_view name() const noexcept override { return tested_.name(); }

 private:
  net::event_loop loop_;
  support::silent_store_observer events_;
  redis::redis_backend tested_;
};

template <redis_guarantee Guarantee>
class redis_fixture {
 public:
  redis_fixture() {
    how_.redis.target.unix_path = server_.socket_path();
    how_.redis.guarantee = Guarantee;
  }

  std::unique_ptr<counter_backend> open_worker() {
    return std::make_unique<looped_backend>(guard_, how_);
  }

  template <class Predicate>
  void run_until(counter_backend& backend, Predicate done) {
    static_cast<looped_backend&>(backend).run_until(done);
  }

  void set_last_turn(const counter_id& id, std::uint64_t turn) {
    server_.command({"HSET", "turnomatic:c:" + std::string{id.text()}, "v", std::to_string(turn)});
  }

 private:
  support::redis_process server_;
  configuration how_;
  redis::store_guard guard_{"", 100'000, 7};
};

using exact_fixture = redis_fixture<redis_guarantee::exact>;
using fast_fixture = redis_fixture<redis_guarantee::fast>;

INSTANTIATE_TYPED_TEST_SUITE_P(redis_exact, counter_backend_contract, exact_fixture);
INSTANTIATE_TYPED_TEST_SUITE_P(redis_fast, counter_backend_contract, fast_fixture);

}  // namespace
}  // namespace turnomatic::contract
