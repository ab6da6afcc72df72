#include "core/call_window.hpp"

namespace turnomatic {
namespace {

unsigned percent_of(std::uint32_t calls, std::uint32_t part) noexcept {
  return calls == 0 ? 0 : static_cast<unsigned>(std::uint64_t{part} * 100 / calls);
}

}  // namespace

unsigned call_counts::failure_percent() const noexcept {
  return percent_of(calls, failures);
}

unsigned call_counts::slow_percent() const noexcept {
  return percent_of(calls, slow);
}

void call_window::add(call_outcome outcome, time_point now) noexcept {
  const auto number = number_at(now);
  bucket& current = buckets_[static_cast<std::size_t>(number) % bucket_count];
  if (current.number < number)
    current = {number, {}};
  ++current.counts.calls;
  if (outcome == call_outcome::failure)
    ++current.counts.failures;
  if (outcome == call_outcome::slow)
    ++current.counts.slow;
}

call_counts call_window::counts(time_point now) const noexcept {
  const auto first = number_at(now) - static_cast<duration::rep>(bucket_count) + 1;
  call_counts sum;
  for (const bucket& each : buckets_) {
    if (each.number < first)
      continue;
    sum.calls += each.counts.calls;
    sum.failures += each.counts.failures;
    sum.slow += each.counts.slow;
  }
  return sum;
}

duration::rep call_window::number_at(time_point now) const noexcept {
  return now.time_since_epoch() / bucket_length_;
}

}  // namespace turnomatic
