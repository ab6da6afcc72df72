// Stand-ins for what a session hangs on, for tests without sockets or threads.
#pragma once

#include <turnomatic/counter_backend.hpp>
#include <turnomatic/health.hpp>
#include <turnomatic/observer.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace turnomatic::support {

/// Keeps everything that it is told.
class recording_observer final : public observer {
 public:
  void request_answered(const request_record& record) noexcept override {
    answered.push_back(record);
  }
  void turns_issued(std::uint64_t count) noexcept override { issued += count; }
  void turns_burned(burn_reason reason, std::uint64_t count) noexcept override {
    burned[index_of(reason)] += count;
  }
  void turns_undelivered(std::uint64_t count) noexcept override {
    issued -= count;
    burned[index_of(burn_reason::client_gone)] += count;
  }
  void takes_withdrawn(std::uint64_t count) noexcept override { withdrawn += count; }
  void request_rejected(rejection reason) noexcept override { rejected.push_back(reason); }
  void connection_opened() noexcept override { ++opened; }
  void connection_closed(close_reason reason) noexcept override { closed.push_back(reason); }
  void connection_refused(refusal reason) noexcept override { refused.push_back(reason); }
  bool line_due(incident, time_point) noexcept override { return lines_due; }
  void client_refused(incident what, std::string_view peer) noexcept override {
    incidents.push_back(std::string{incident_labels[index_of(what)]} + ' ' + std::string{peer});
  }
  void access(const request_record& record, std::string_view peer,
              std::string_view target) noexcept override {
    accesses.push_back(std::string{peer} + ' ' + std::string{target} + ' ' +
                       std::to_string(record.status));
  }

  [[nodiscard]] std::uint64_t all_burned() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : burned)
      sum += count;
    return sum;
  }

  std::vector<request_record> answered;
  std::uint64_t issued{0};
  std::array<std::uint64_t, burn_reason_count> burned{};
  std::uint64_t withdrawn{0};
  std::vector<rejection> rejected;
  int opened{0};
  std::vector<close_reason> closed;
  std::vector<refusal> refused;
  bool lines_due{true};
  std::vector<std::string> incidents;
  std::vector<std::string> accesses;
};

/// Says what the test sets.
class fixed_operations final : public operations_source {
 public:
  [[nodiscard]] bool live() const override { return is_live; }
  [[nodiscard]] struct readiness ready() const override { return readiness; }
  [[nodiscard]] std::vector<health_check> health() const override { return checks; }
  [[nodiscard]] std::vector<degradation> degraded() const override { return degradations; }
  [[nodiscard]] std::string metrics() const override { return exposition; }

  bool is_live{true};
  struct readiness readiness {
    readiness_state::ready, {}
  };
  std::vector<health_check> checks;
  std::vector<degradation> degradations;
  std::string exposition{"# a page\n"};
};

/// Counts from 1 per id. Answers at once, or when the test says so.
class scripted_backend final : public counter_backend {
 public:
  enum class mode { at_once, when_told };

  explicit scripted_backend(mode when) : when_{when} {}

  std::optional<take_operation::result_type> start(take_operation& op, time_point now) override {
    deadlines.push_back(op.deadline);
    if (op.deadline <= now)
      return errc::deadline_passed;
    if (when_ == mode::at_once)
      return take(op);
    pending.push_back(&op);
    return std::nullopt;
  }
  void expect(const counter_id& id) noexcept override { expected.emplace_back(id.text()); }
  bool cancel(take_operation& op) noexcept override {
    if (!cancellable)
      return false;
    const auto found = std::find(pending.begin(), pending.end(), &op);
    if (found == pending.end())
      return false;
    pending.erase(found);
    ++cancelled;
    return true;
  }
  [[nodiscard]] duration retry_in(errc why, time_point) const noexcept override {
    return why == errc::breaker_open ? open_for : duration::zero();
  }

  /// Completes the oldest pending operation, or the one at `index`.
  void complete(std::size_t index = 0) {
    take_operation* const op = pending[index];
    pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(index));
    op->complete(take(*op));
  }
  void fail(errc with) {
    take_operation* const op = pending.front();
    pending.pop_front();
    op->complete(with);
  }
  /// Completes the oldest with what somebody has taken before.
  void complete_known() {
    take_operation* const op = pending.front();
    pending.pop_front();
    op->complete(turn_range{1, op->count, true});
  }
  void complete_all() {
    while (!pending.empty())
      complete();
  }

  std::deque<take_operation*> pending;
  std::vector<time_point> deadlines;
  std::vector<std::string> expected;
  std::vector<std::uint64_t> clients;
  std::optional<errc> error;  ///< what every take fails with
  duration open_for{};        ///< how long its breaker stays open
  duration new_id_in{};       ///< what every take is told with too_many_new_ids
  std::uint64_t taken{0};
  int cancelled{0};
  bool cancellable{true};

 private:
  take_operation::result_type take(take_operation& op) {
    clients.push_back(op.client);
    op.retry_in = new_id_in;
    if (error)
      return *error;
    std::uint64_t& last = counters_[std::string{op.id->text()}];
    last += op.count;
    taken += op.count;
    return turn_range{last - op.count + 1, op.count};
  }

  const mode when_;
  std::map<std::string, std::uint64_t> counters_;
};

}  // namespace turnomatic::support
