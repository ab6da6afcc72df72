// Hears from one sentinel when the primary becomes another server.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"
#include "core/backoff.hpp"

#include <turnomatic/redis_target.hpp>
#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace turnomatic::redis {

/// The life of one subscription after the other. Nothing depends on it: what is heard is a hint to
/// look again, and where nothing is heard the end of a connection leads to the same. So it fails
/// without a word, and is made again after a while.
///
/// A state machine without I/O or clock. Used by one thread.
class sentinel_watch {
 public:
  struct settings {
    std::string primary;  ///< its name
    std::string user;     ///< for sentinels; empty: their default user
  };
  enum class action : std::uint8_t {
    nothing,
    connect,  ///< to the sentinel of `attempt`: call `connects`
    ping,     ///< append it, and send it
    give_up   ///< the sentinel is silent: close the connection, and call `closed`
  };
  struct verdict {
    enum class kind : std::uint8_t {
      goes_on,
      told,      ///< the sentinel was asked, and says that the primary is at `host`, as of `epoch`
      switched,  ///< the primary has become another, at `host`
      broken     ///< the sentinel is of no help: close the connection, and call `closed`
    };
    kind type{kind::goes_on};
    redis_host host{};
    std::optional<std::uint64_t> epoch{};
  };

  static constexpr duration ping_period = std::chrono::seconds{2};
  static constexpr duration patience = std::chrono::seconds{2};
  static constexpr backoff_settings waits{std::chrono::milliseconds{100}, std::chrono::seconds{5}};

  sentinel_watch(settings config, std::minstd_rand::result_type seed);

  /// From now on, however often it is called.
  void begin(time_point now);
  [[nodiscard]] action due(time_point now) const noexcept;
  [[nodiscard]] time_point wake_at() const noexcept { return until_; }
  /// How many sentinels were of no help, one after the other.
  [[nodiscard]] std::size_t attempt() const noexcept { return attempt_; }

  /// How long that may take is for the connection to limit.
  void connects() noexcept;
  /// The connection stands. The question comes first, so that what happened before the subscription
  /// is not missed.
  void append_greeting(std::string& out, std::string_view password, time_point now);
  [[nodiscard]] verdict take(const reply& answer, time_point now);
  void append_ping(std::string& out, time_point now);
  void closed(time_point now);

 private:
  enum class phase : std::uint8_t {
    off,
    waiting,
    connecting,
    logging_in,
    asking_epoch,
    asking,
    subscribed
  };

  void enter(phase next, time_point until) noexcept;

  const settings settings_;
  backoff backoff_;
  phase phase_{phase::off};
  time_point until_{time_point::max()};  // waiting: connect; greeted: give up; subscribed: ping
  bool pinged_{false};                   // subscribed, and `until_` is for the answer to a PING
  std::optional<std::uint64_t> epoch_;   // of the sentinel that is asked
  std::size_t attempt_{0};
};

}  // namespace turnomatic::redis
