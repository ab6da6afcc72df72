// The requests of one slot.
#pragma once

#include "proof/observation.hpp"

#include <boost/circular_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace turnomatic::bench {

/// A request from when it is due until its outcome is known, or given up.
struct request {
  std::uint32_t id;
  std::uint32_t tries;  ///< sendings so far
  moment due;
  moment first_sent;  ///< once tries is above 0
  moment last_sent;   ///< its deadline counts from here
  std::uint64_t key;  ///< 0: none
  std::size_t begin;  ///< within the output, while that holds it
};

/// Those that wait to be sent, and behind them in time those that are under way on the connection,
/// in the order of their sending. No more than the pipeline is deep. Does no I/O. Not thread-safe.
class request_queue {
 public:
  explicit request_queue(std::uint32_t depth) : waiting_(depth), under_way_(depth) {}

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() + under_way_.size(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_.size(); }
  /// When the oldest request of which the outcome is open was first sent; none: `now`.
  [[nodiscard]] moment oldest_sent(moment now) const noexcept;
  /// Of those under way.
  [[nodiscard]] const request& oldest() const { return under_way_.front(); }

  /// It waits behind the others.
  void add(const request& which) { waiting_.push_back(which); }
  /// The one that waits longest is under way from here on, its bytes at `begin` of the output.
  /// Valid until the next call.
  [[nodiscard]] request& start(moment sent, std::size_t begin);
  /// The oldest of those under way, which it is no longer.
  [[nodiscard]] request take_oldest();

  /// All of the output has been taken by the kernel.
  void all_written() noexcept { in_output_ = 0; }
  /// The connection has ended and the kernel took `written` bytes of the output. What it never took
  /// cannot have had an effect, and waits again.
  void take_back_unsent(std::size_t written);
  /// Forgets those that wait and never have been sent; returns how many.
  std::size_t drop_never_sent();
  /// Takes out one of those that wait although they have been sent, first before `when`.
  [[nodiscard]] std::optional<request> take_sent_before(moment when);

 private:
  boost::circular_buffer<request> waiting_;
  boost::circular_buffer<request> under_way_;  // oldest first
  std::size_t in_output_{0};  // the last of under_way_, as many as the output holds
};

}  // namespace turnomatic::bench
