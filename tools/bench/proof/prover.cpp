#include "proof/prover.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace turnomatic::bench {
namespace {

constexpr moment before_all = std::numeric_limits<moment>::min();
constexpr moment after_all = std::numeric_limits<moment>::max();

finding finding_of(const gap& what) {
  const auto larger = std::find_if(what.witnesses.begin(), what.witnesses.end(),
                                   [](const auto& each) { return each.has_value(); });
  return {violation::gap, (*larger)->id, {}, *larger, what.first, what.last};
}

}  // namespace

prover::prover(setup how)
    : relation_{std::move(how.relation)},
      clock_of_stream_{std::move(how.clock_of_stream)},
      facts_{relation_, how.clock_of_connection, how.limits},
      order_{how.clock_of_connection.size(), how.depth},
      histories_(how.ids),
      watermarks_(clock_of_stream_.size(), before_all),
      watermark_{before_all} {}

void prover::add(std::size_t stream, std::span<const observation> what, moment watermark) {
  for (const observation& each : what) {
    if (facts_.out_of_gaps())
      return;
    take(each);
  }
  raise_watermark(stream, relation_.common(watermark, clock_of_stream_[stream]));
}

void prover::end(std::size_t stream) {
  raise_watermark(stream, after_all);
}

void prover::take(const observation& what) {
  switch (what.result()) {
    case outcome::answered:
      take_answer(what);
      return;
    case outcome::unknown:
      break;
    case outcome::wrong_id:
      facts_.report({violation::wrong_id, what.id, {}, what});
      break;
    case outcome::malformed:
      facts_.report({violation::malformed, what.id, {}, what});
      break;
  }
  ++unknown_;
  histories_[what.id].add_unknown(what, facts_);
}

void prover::take_answer(const observation& answer) {
  ++turns_;
  if (const observation* const earlier = order_.add_answer(answer))
    facts_.report({violation::connection_order, answer.id, *earlier, answer});
  id_history& history = histories_[answer.id];
  history.add_answer(answer, facts_);
  if (history.waits() && !history.listed) {
    history.listed = true;
    waiting_.push_back(answer.id);
  }
}

void prover::raise_watermark(std::size_t stream, moment common) {
  watermarks_[stream] = std::max(watermarks_[stream], common);
  const moment lowest = *std::min_element(watermarks_.begin(), watermarks_.end());
  if (lowest <= watermark_ || facts_.out_of_gaps())
    return;
  watermark_ = lowest;
  std::erase_if(waiting_, [this](std::uint32_t id) {
    id_history& history = histories_[id];
    history.close(watermark_, facts_);
    history.listed = history.waits();
    return !history.listed;
  });
}

std::uint64_t prover::violations_so_far() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t kind = 0; kind < violation_kinds; ++kind)
    sum += facts_.count(static_cast<violation>(kind));
  return sum;
}

verdict prover::finish(const servers_account& account) {
  verdict result;
  std::vector<gap> unexplained;
  std::uint64_t left = 0;
  for (id_history& history : histories_) {
    const gap_account own = history.explain(facts_, unexplained);
    result.ids += history.begun() ? 1U : 0U;
    result.missing = saturated_sum(result.missing, own.missing);
    left = saturated_sum(left, own.missing - own.by_unknown);
    result.explained_by_unknown += own.by_unknown;
  }
  // A proof that gave up knows of gaps that may have been filled later.
  if (facts_.out_of_gaps()) {
    unexplained.clear();
    left = 0;
  }
  result.explained_by_account = std::min(left, account.burned.value_or(0));
  result.unexplained = left - result.explained_by_account;
  result.account_lost = account.lost;
  if (result.unexplained != 0 && !account.lost) {
    for (const gap& each : unexplained)
      facts_.report(finding_of(each));
  }
  result.turns = turns_;
  result.unknown_outcomes = unknown_;
  result.duplicates = facts_.count(violation::duplicate);
  result.inversions = facts_.count(violation::inversion);
  result.connection_inversions = facts_.count(violation::connection_order);
  result.wrong_ids = facts_.count(violation::wrong_id);
  result.malformed = facts_.count(violation::malformed);
  result.gave_up = facts_.out_of_gaps();
  result.findings = facts_.findings();
  return result;
}

}  // namespace turnomatic::bench
