// One thread of the load.
#pragma once

#include "load/counters.hpp"
#include "load/observation_queue.hpp"
#include "load/plan.hpp"
#include "load/slot.hpp"
#include "load/transport.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

/// Runs its share of the connections over one epoll set, from `run` until its requests are over
/// and answered or given up. What it refers to must outlive it.
class worker {
 public:
  struct settings {
    const plan& how;
    const transport_factory& transports;
    observation_queue& observations;
    const std::atomic<bool>& stop;  ///< end early
    std::uint32_t thread;
    moment start;
    std::string key_prefix;
  };

  /// Throws boost::system::system_error without a descriptor for its set.
  explicit worker(const settings& with);
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// The thread's body. Ends by sending the last block of its stream, or when nobody takes them.
  void run();

  /// Any thread may read these while it runs.
  [[nodiscard]] const counters& counted() const noexcept { return *counted_; }
  /// After `run`.
  [[nodiscard]] const std::vector<std::string>& faulty_bodies() const noexcept {
    return context_.faulty_bodies;
  }
  /// After `run`: when the last request was sent or answered, whichever was later.
  [[nodiscard]] moment last_event() const noexcept;
  /// After `run`: when it learned that it was to end early; nothing if it was not.
  [[nodiscard]] std::optional<moment> stopped_at() const noexcept { return stopped_at_; }
  /// After `run`: the longest time for which the thread looked at no socket although it had
  /// nothing to wait for, or longer than it meant to wait. What latencies may owe to it.
  [[nodiscard]] std::chrono::nanoseconds longest_stall() const noexcept {
    return std::chrono::nanoseconds{longest_stall_};
  }
  /// After `run`, of an open loop: what was due and could not be sent before the end.
  [[nodiscard]] std::uint64_t overdue() const { return schedule_.overdue(); }

 private:
  [[nodiscard]] moment wait(moment now);
  void note_stall(moment length) noexcept;
  void send_what_is_due(moment now);
  void list_if_room(slot& which, moment now);
  void tick(moment now);
  void end_if_stuck(moment now);
  /// Whether somebody took it.
  [[nodiscard]] bool hand_over(moment now, bool last);
  [[nodiscard]] bool idle() const noexcept;

  const settings with_;
  const int epoll_;
  std::unique_ptr<counters> counted_;
  std::vector<request_text> texts_;
  std::vector<answer_reader> readers_;
  id_choice ids_;
  pace schedule_;
  slot_context context_;
  std::deque<slot> slots_;
  std::deque<slot*> with_room_;  // open loop: who takes what is due, in turn
  moment next_tick_;
  moment handed_over_;
  std::uint64_t progress_{0};
  moment progress_at_;
  moment finished_at_{0};  // when the schedule was found at its end
  std::optional<moment> stopped_at_;
  moment longest_stall_{0};
  // Deadlines are not judged while answers wait to be read, unless that goes on.
  bool more_is_ready_{false};
  std::size_t ticks_put_off_{0};
};

}  // namespace turnomatic::bench
