// In which order the addresses of a primary are tried, and how long each may take.
#pragma once

#include "net/socket_address.hpp"

#include <turnomatic/turn.hpp>

#include <chrono>
#include <optional>
#include <vector>

namespace turnomatic::redis {

/// The one that was approved last comes first; those that took a connection and turned out unfit
/// come last, the one of the latest bad experience at the end. Each gets a fair part of the time
/// that is left, so an address where nobody answers, not even with a refusal, hides no other.
///
/// A state machine without I/O or clock. Remembers approval from one round to the next.
class address_sequence {
 public:
  /// An address gets this long even if the time of the round is over by then.
  static constexpr duration share_min = std::chrono::milliseconds{50};

  struct attempt {
    net::socket_address address;
    time_point until;
  };

  /// Begins a round, which is to be over at `deadline`.
  void begin(std::vector<net::socket_address> addresses, time_point deadline);
  /// The next to be tried; nothing if all were.
  [[nodiscard]] std::optional<attempt> next(time_point now);
  /// The address of the last attempt, if there was one in this round.
  [[nodiscard]] const net::socket_address& current() const { return current_.value(); }
  /// That address took the connection. It counts as unfit until it is approved.
  void connected();
  /// The server there is fit to be counted on.
  void approve();

 private:
  std::vector<net::socket_address> waiting_;  // in this round, the next one last
  time_point deadline_;
  std::optional<net::socket_address> current_;
  std::optional<net::socket_address> approved_;
  std::vector<net::socket_address> unfit_;  // of the latest addresses, the oldest first
};

}  // namespace turnomatic::redis
