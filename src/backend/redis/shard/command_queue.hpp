// What was sent on a connection and is not answered yet.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"

#include <boost/circular_buffer.hpp>

#include <cstdint>
#include <functional>
#include <utility>

namespace turnomatic::redis {

/// What a command was sent for.
enum class purpose : std::uint8_t {
  set_up,
  found,
  enter,  ///< register or takeover
  packet,
  wait,  ///< for replicas, after one of the two
  refresh,
  look,   ///< whether counters are still halted
  probe,  ///< the breaker's
  marks,
  report,
  query  ///< an operator's
};

/// Takes the reply to each command of a query, or null, once, when the connection is lost before.
using query_completion = std::function<void(const reply*)>;

struct sent_command {
  purpose reason;
  std::uint32_t replies_left{1};  ///< of a query or a set-up: commands that were sent as one
  query_completion done{};        ///< of a query
};

/// In the order of the replies to come.
class command_queue {
 public:
  void push(sent_command command) {
    if (commands_.full())
      commands_.set_capacity(commands_.capacity() * 2);
    commands_.push_back(std::move(command));
  }
  [[nodiscard]] bool empty() const noexcept { return commands_.empty(); }
  /// The next reply is for such a command.
  [[nodiscard]] bool expects(purpose reason) const noexcept {
    return !commands_.empty() && commands_.front().reason == reason;
  }
  /// The command that the next reply is for, less that reply.
  [[nodiscard]] sent_command take_reply() {
    sent_command& front = commands_.front();
    if (--front.replies_left > 0)
      return front;
    sent_command last = std::move(front);
    commands_.pop_front();
    return last;
  }
  /// The connection is gone. Queries are told.
  void give_up() {
    boost::circular_buffer<sent_command> lost{commands_.capacity()};
    lost.swap(commands_);
    for (const sent_command& each : lost) {
      if (each.done)
        each.done(nullptr);
    }
  }

 private:
  boost::circular_buffer<sent_command> commands_{64};
};

}  // namespace turnomatic::redis
