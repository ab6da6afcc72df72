#include "proof/id_history.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace turnomatic::bench {
namespace {

// Makes std::push_heap and its kin keep the smallest turn in front. A sorted range is such a
// heap as well.
constexpr auto larger_turn = [](const observation& a, const observation& b) {
  return a.turn > b.turn;
};
constexpr auto smaller_turn = [](const observation& a, const observation& b) {
  return a.turn < b.turn;
};

constexpr observation never_sent =
    make_observation(0, 0, outcome::unknown, false, 0, std::numeric_limits<moment>::min(), 0);

using witnesses = std::vector<std::optional<observation>>;  // by clock

// Whoever was received first on its clock stays.
void witness(witnesses& known, const observation& answer, const evidence& facts) {
  std::optional<observation>& own = known[facts.clock_of(answer)];
  if (!own || answer.received < own->received)
    own = answer;
}

// For each answer of a sorted range: who of it and its successors was received first.
std::vector<witnesses> first_received_from_each_on(const std::vector<observation>& sorted,
                                                   const evidence& facts) {
  std::vector<witnesses> result(sorted.size());
  witnesses known(facts.relation().size());
  for (std::size_t i = sorted.size(); i-- > 0;) {
    witness(known, sorted[i], facts);
    result[i] = known;
  }
  return result;
}

moment earliest_of(const witnesses& known, const evidence& facts) {
  moment earliest = std::numeric_limits<moment>::max();
  for (const auto& each : known)
    earliest = each ? std::min(earliest, facts.common_received(*each)) : earliest;
  return earliest;
}

}  // namespace

void id_history::add_answer(const observation& answer, evidence& facts) {
  if (answer.turn == next_) {
    settle(answer, facts);
    settle_early_ones(facts);
  } else if (answer.turn < next_) {
    settle_late(answer, facts);
  } else {
    const moment received = facts.common_received(answer);
    earliest_early_ = early_.empty() ? received : std::min(earliest_early_, received);
    early_.push_back(answer);
    std::push_heap(early_.begin(), early_.end(), larger_turn);
  }
}

void id_history::add_unknown(const observation& request, const evidence& facts) {
  unknown_sent_.push_back(facts.common_sent(request));
}

void id_history::close(moment watermark, evidence& facts) {
  if (early_.empty() || earliest_early_ >= watermark)
    return;
  std::sort(early_.begin(), early_.end(), smaller_turn);

  // Nothing smaller can come any more for those up to the last that is older than the watermark.
  std::size_t closed = early_.size();
  while (closed > 0 && facts.common_received(early_[closed - 1]) >= watermark)
    --closed;
  std::vector<witnesses> first_received;  // found when a gap needs them
  for (std::size_t i = 0; i < closed; ++i) {
    const observation& answer = early_[i];
    if (facts.out_of_gaps())
      return;
    if (answer.turn < next_) {
      facts.report_duplicate(answer);
      continue;
    }
    const std::uint64_t expected = std::max<std::uint64_t>(next_, 1);
    if (answer.turn > expected) {
      if (first_received.empty())
        first_received = first_received_from_each_on(early_, facts);
      add_gap(gaps_.end(), {expected, answer.turn - 1, first_received[i], next_ == 0}, facts);
    }
    settle(answer, facts);
  }
  early_.erase(early_.begin(), early_.begin() + static_cast<std::ptrdiff_t>(closed));
  settle_early_ones(facts);
  earliest_early_ = std::numeric_limits<moment>::max();
  for (const observation& each : early_)
    earliest_early_ = std::min(earliest_early_, facts.common_received(each));
}

void id_history::settle_early_ones(evidence& facts) {
  while (!early_.empty() && early_.front().turn <= next_) {
    std::pop_heap(early_.begin(), early_.end(), larger_turn);
    const observation answer = early_.back();
    early_.pop_back();
    if (answer.turn < next_)
      facts.report_duplicate(answer);
    else
      settle(answer, facts);
  }
}

void id_history::settle(const observation& answer, evidence& facts) {
  for (const observation& smaller : last_sent_) {
    if (smaller.turn != 0 && facts.answered_before(answer, smaller)) {
      facts.report({violation::inversion, answer.id, answer, smaller});
      break;
    }
  }
  note_sent(answer, facts);
  next_ = answer.turn + 1;
  facts.remember(answer);
}

void id_history::note_sent(const observation& answer, const evidence& facts) {
  if (last_sent_.empty())
    last_sent_.resize(facts.relation().size(), never_sent);
  observation& last = last_sent_[facts.clock_of(answer)];
  if (answer.sent > last.sent)
    last = answer;
}

void id_history::settle_late(const observation& answer, evidence& facts) {
  const auto where = gaps_.lower_bound(answer.turn);
  if (where == gaps_.end() || answer.turn < where->first) {
    facts.report_duplicate(answer);
    return;
  }
  for (const auto& larger : where->witnesses) {
    if (larger && facts.answered_before(*larger, answer)) {
      facts.report({violation::inversion, answer.id, larger, answer});
      break;
    }
  }
  note_sent(answer, facts);
  facts.remember(answer);
  split(where, answer, facts);
}

// Of the gap around a turn that came late none, one or two are left.
void id_history::split(gap_set::iterator where, const observation& answer, evidence& facts) {
  const auto behind = std::next(where);
  gap below = std::move(gaps_.extract(where).value());
  // What is above now lies between two turns of the run.
  gap above{answer.turn + 1, below.last, {}, false};
  if (above.first <= above.last)
    above.witnesses = below.witnesses;
  below.last = answer.turn - 1;
  witness(below.witnesses, answer, facts);
  if (!below.before_run)
    facts.give_gap_back();
  for (gap* const left : {&below, &above}) {
    if (left->first <= left->last)
      add_gap(behind, std::move(*left), facts);
  }
}

void id_history::add_gap(gap_set::iterator behind, gap what, evidence& facts) {
  // What lies before the run costs nothing: every id that has counted before has one.
  if (what.before_run || facts.take_gap())
    gaps_.insert(behind, std::move(what));
}

gap_account id_history::explain(const evidence& facts, std::vector<gap>& unexplained) {
  // A request of unknown outcome can have taken a missing turn unless it was sent after a larger
  // turn had been answered. The further up the gap, the later its witness: what may explain one
  // gap may explain every later one, so taking the gaps in order matches as many as can be.
  std::sort(unknown_sent_.begin(), unknown_sent_.end());
  gap_account account;
  auto next_unknown = unknown_sent_.begin();
  std::uint64_t candidates = 0;
  for (const gap& missing : gaps_) {
    if (missing.before_run)
      continue;
    const moment answered = earliest_of(missing.witnesses, facts);
    while (next_unknown != unknown_sent_.end() &&
           !facts.relation().certainly_before(answered, *next_unknown)) {
      ++next_unknown;
      ++candidates;
    }
    const std::uint64_t size = missing.last - missing.first + 1;
    const std::uint64_t matched = std::min(candidates, size);
    candidates -= matched;
    account.missing += size;
    account.by_unknown += matched;
    if (matched < size)
      unexplained.push_back(missing);
  }
  return account;
}

}  // namespace turnomatic::bench
