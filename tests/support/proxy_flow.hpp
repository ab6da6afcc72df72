// One direction of a connection that goes through a proxy.
#pragma once

#include "support/proxy_faults.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace turnomatic::support {

/// What has arrived from one side and not gone on to the other, ends and cuts included, in its
/// order. Takes no more than `waiting_bytes_max`. Does not own the sockets, which do not block.
class proxy_flow {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t waiting_bytes_max = 1 << 20;

  /// Reads what is there. `script`, if any, may plan a cut, and so may `faults`.
  void receive(int from, flow_faults& faults, const reply_script& script, std::uint64_t connection,
               time_point now);
  /// Sends what is due. Returns how to cut the connection if the time for that has come.
  [[nodiscard]] std::optional<cut_by> send(int to, const flow_faults& faults, time_point now);
  /// When there is something to send; never, while the receiver takes no more.
  [[nodiscard]] time_point due(const flow_faults& faults) const;
  /// The sender is no more; what has come from it goes on, and then its end.
  void end_input();
  /// The receiver is no more.
  void finish();
  /// The receiver may take more again.
  void unblock() noexcept { blocked_ = false; }

  [[nodiscard]] bool wants_input() const noexcept {
    return !ended_ && waiting_bytes_ < waiting_bytes_max;
  }
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  /// Nothing more will be read.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Nothing more will be sent: the end has gone on, or the receiver is no more.
  [[nodiscard]] bool done() const noexcept { return done_; }
  [[nodiscard]] std::uint64_t waiting_bytes() const noexcept { return waiting_bytes_; }
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept { return sent_; }

 private:
  struct item {
    enum class kind { bytes, end, cut };
    kind what;
    time_point arrived;
    std::string bytes{};
    cut_by how{cut_by::fin};
  };

  [[nodiscard]] std::optional<planned_cut> cut_within(std::size_t size, flow_faults& faults);

  std::deque<item> waiting_;
  std::size_t waiting_bytes_{0};
  std::size_t front_sent_{0};  // of the front's bytes
  time_point not_before_{};
  std::uint64_t received_{0};
  std::uint64_t sent_{0};
  std::uint64_t cut_number_{0};  // of the plan that is being followed
  std::uint64_t cut_begin_{0};   // what had been received when it was made
  bool blocked_{false};
  bool ended_{false};
  bool done_{false};
};

}  // namespace turnomatic::support
