#include "load/sampler.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::bench {
namespace {

std::chrono::duration<double> seconds(moment length) {
  return std::chrono::nanoseconds{length};
}

}  // namespace

totals sum_of(const std::vector<const counters*>& threads) {
  totals result{.latencies = std::make_unique<histogram>()};
  std::uint64_t answers = 0;
  for (const counters* each : threads) {
    result.latencies->add(each->latencies);
    for (const single_writer& status : each->statuses)
      answers += status.value();
    for (const single_writer& kind : each->failures)
      result.failed += kind.value();
  }
  result.turns = result.latencies->count();
  // A thread counts an answer before its latency, and may be anywhere between the two.
  result.refused = answers - std::min(answers, result.turns);
  return result;
}

sampler::sampler(std::vector<const counters*> threads, moment start)
    : threads_{std::move(threads)}, start_{start}, since_{start}, before_{sum_of(threads_)} {}

void sampler::cut(moment now) {
  totals after = sum_of(threads_);
  auto difference = std::make_unique<histogram>();
  difference->add(*after.latencies);
  difference->subtract(*before_.latencies);
  samples_.push_back({.at = seconds(now - start_),
                      .length = seconds(now - since_),
                      .turns = after.turns - before_.turns,
                      .refused = after.refused - std::min(after.refused, before_.refused),
                      .failed = after.failed - before_.failed,
                      .p50 = difference->quantile(0.50),
                      .p99 = difference->quantile(0.99),
                      .max = difference->quantile(1)});
  before_ = std::move(after);
  since_ = now;
}

}  // namespace turnomatic::bench
