// The contract of a backend, against a real Redis.
#include "backend/redis/endpoint/make_endpoint.hpp"
#include "backend/redis/redis_backend.hpp"
#include "contract/counter_backend_contract.hpp"
#include "support/redis_process.hpp"
#include "support/silent_store_observer.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace turnomatic::contract {
namespace {

using namespace std::chrono_literals;

class no_login final : public redis::credential_source {
 public:
  redis::credentials read() override { return {}; }
};

/// A backend with an event loop of its own, which turns while somebody waits.
class looped_backend final : public counter_backend {
 public:
  looped_backend(redis::store_guard& guard, const configuration& how)
      : tested_{{loop_, guard, events_, no_login_},
                redis::make_endpoint(loop_, how, no_login_),
                how,
                "contract"} {
    loop_.sockets.start();
    tested_.begin();
    run_until([this] { return tested_.status().counting.load(); });
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
  bool cancel(take_operation& op) noexcept override { return tested_.cancel(op); }

  std::uint64_t last_turn(const counter_id& id) {
    std::optional<result<admin_answer>> seen;
    tested_.perform({.action = admin_action::peek, .id = id},
                    [&seen](const result<admin_answer>& answer) { seen = answer; });
    run_until([&seen] { return seen.has_value(); });
    return seen->value().counters.at(0).turn;
  }

 private:
  net::event_loop loop_;
  support::silent_store_observer events_;
  no_login no_login_;
  redis::redis_backend tested_;
};

class redis_fixture {
 public:
  redis_fixture() { how_.redis.target.unix_path = server_.socket_path(); }

  std::unique_ptr<counter_backend> open_worker() {
    return std::make_unique<looped_backend>(guard_, how_);
  }

  template <class Predicate>
  void run_until(counter_backend& backend, Predicate done) {
    static_cast<looped_backend&>(backend).run_until(done);
  }

  std::uint64_t last_turn(counter_backend& backend, const counter_id& id) {
    return static_cast<looped_backend&>(backend).last_turn(id);
  }

  void set_last_turn(const counter_id& id, std::uint64_t turn) {
    server_.command({"HSET", "turnomatic:{0}:turns", std::string{id.text()}, std::to_string(turn)});
  }

 private:
  support::redis_process server_;
  configuration how_;
  std::atomic<int> drawn_{0};
  redis::store_guard guard_{{.pinned_store_id = {},
                             .instance = "contract",
                             .marked_ids = 100'000,
                             .seed = 7,
                             .draw_token = [this] { return "t" + std::to_string(++drawn_); }}};
};

INSTANTIATE_TYPED_TEST_SUITE_P(redis, counter_backend_contract, redis_fixture);

}  // namespace
}  // namespace turnomatic::contract
