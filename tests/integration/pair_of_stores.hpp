// A real store and the one in memory, which are said the same.
#pragma once

#include "support/memory_redis.hpp"
#include "support/redis_process.hpp"
#include "support/redis_reply.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace turnomatic::redis {

/// The real one is that of redis_process. Each reply is compared, and a difference is a failure of
/// the test: to the byte where the server is a Redis 7.0, whose words the one in memory has;
/// otherwise but for the words of errors.
class pair_of_stores {
 public:
  using words = std::vector<std::string>;
  using reply = support::redis_reply;

  /// With the scripts loaded.
  pair_of_stores() : pair_of_stores{"standalone"} {
    for (const script& each : all_scripts())
      say({"SCRIPT", "LOAD", std::string{each.text}});
  }
  /// A node of a cluster that serves no slot, or a Sentinel.
  explicit pair_of_stores(const std::string& mode);

  /// What both have answered; that of the one in memory if they differ.
  reply say(const words& said);
  reply run(script_id script, const words& keys, const words& arguments);
  /// A script of the test's own, without keys.
  void run_text(const std::string& text);
  reply say_to_real(const words& said) { return real_.command(said); }

  /// Of all keys, without their life spans.
  void compare_content();
  /// How many replies and keys were different.
  [[nodiscard]] std::size_t different() const noexcept { return different_; }

  memory_redis memory;

 private:
  reply say_to_memory(const words& said);
  void compare(const std::string& of, const reply& real, const reply& modelled);
  [[nodiscard]] reply comparable(reply of) const;

  support::redis_process process_;
  support::redis_client real_{process_.connect()};
  memory_redis::session session_;
  bool exact_{false};
  std::size_t different_{0};
};

}  // namespace turnomatic::redis
