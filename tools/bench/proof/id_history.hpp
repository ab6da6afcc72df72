// The turns of one id, judged in their own order while they come in.
#pragma once

#include "proof/evidence.hpp"
#include "proof/observation.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace turnomatic::bench {

/// Turns below an answered one that have not been seen.
struct gap {
  std::uint64_t first;
  std::uint64_t last;  ///< included
  /// Of the answers with larger turns, the one that came first: per clock, where there is one.
  std::vector<std::optional<observation>> witnesses;
  bool before_run;  ///< below the first turn of the run: not missing, but never to be given
};

/// Orders gaps that do not overlap, and finds among them the first that ends at a turn or above.
struct ends_earlier {
  using is_transparent = void;
  bool operator()(const gap& a, const gap& b) const noexcept { return a.last < b.last; }
  bool operator()(const gap& g, std::uint64_t turn) const noexcept { return g.last < turn; }
  bool operator()(std::uint64_t turn, const gap& g) const noexcept { return turn < g.last; }
};

/// How the missing turns of an id were explained.
struct gap_account {
  std::uint64_t missing{0};
  std::uint64_t by_unknown{0};  ///< matched, one each, with requests of unknown outcome
};

/// Judges the answers of one id in the order of their turns, as soon as no smaller turn can come
/// any more: at once if all smaller ones are there, else when every request still under way was
/// sent after some larger turn had been answered (whoever then brings the smaller one violates
/// the order itself). So it holds no more than what is under way, and the gaps.
///
/// An answer with turn b is out of order exactly if some request with a smaller turn was sent
/// after b had been answered, that is, after the latest sending among all smaller turns: one
/// comparison. docs/proof.md has the argument. Not thread-safe.
class id_history {
 public:
  void add_answer(const observation& answer, evidence& facts);
  void add_unknown(const observation& request, const evidence& facts);

  /// Every answer that is still to come was sent at `watermark` (common time) or later.
  void close(moment watermark, evidence& facts);

  /// Whether answers wait for smaller turns.
  [[nodiscard]] bool waits() const noexcept { return !early_.empty(); }
  [[nodiscard]] bool begun() const noexcept { return next_ != 0 || waits(); }
  /// For the owner's list of those that wait.
  bool listed{false};

  /// After the last `close`: matches the missing turns with the requests of unknown outcome and
  /// appends the gaps of which turns are left to `unexplained`.
  [[nodiscard]] gap_account explain(const evidence& facts, std::vector<gap>& unexplained);

 private:
  void settle(const observation& answer, evidence& facts);
  void settle_early_ones(evidence& facts);
  void settle_late(const observation& answer, evidence& facts);
  using gap_set = std::set<gap, ends_earlier>;
  void split(gap_set::iterator where, const observation& answer, evidence& facts);
  void note_sent(const observation& answer, const evidence& facts);
  void add_gap(gap_set::iterator behind, gap what, evidence& facts);

  std::uint64_t next_{0};               // the smallest turn that is not settled; 0: none is
  std::vector<observation> early_;      // a heap, smallest turn first
  moment earliest_early_{0};            // no common_received among them is smaller
  std::vector<observation> last_sent_;  // per clock: of the settled, the one sent last
  // Of hosts whose clocks disagree by a second, what one brings fills gaps that the other left a
  // second ago: anywhere among a hundred thousand.
  gap_set gaps_;
  std::vector<moment> unknown_sent_;  // common time
};

}  // namespace turnomatic::bench
