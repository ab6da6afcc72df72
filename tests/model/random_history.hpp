// Made-up runs against a counter, right ones and damaged ones, and how they reach the prover.
#pragma once

#include "proof/observation.hpp"
#include "proof/prover.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace turnomatic::bench {

/// What was observed of a run, and how it was made.
struct history {
  std::size_t ids;
  std::size_t depth;
  std::vector<std::uint8_t> stream_of_connection;
  std::size_t streams;
  /// By connection, in the order of its requests.
  std::vector<std::vector<observation>> connections;
  std::uint64_t burned;  ///< by the server's account
};

class history_maker {
 public:
  explicit history_maker(std::uint64_t seed) : random_{seed} {}

  /// A run against a counter that does everything right: each request takes its turn at some
  /// moment between its sending and its answer. Some are cut off, before or after that moment; some
  /// are sent again under their key.
  [[nodiscard]] history sound();
  /// Changes a turn or a time somewhere; often, but not always, into a violation.
  void damage(history& made);
  /// Hands it to a prover in random pieces, as threads would, and returns the verdict.
  [[nodiscard]] verdict judge(const history& made);
  /// The same, each stream from a host of its own: clocks that are far apart, of which the
  /// distance is known to within a stated error, or not at all.
  [[nodiscard]] verdict judge_as_hosts(const history& made);

 private:
  struct request;

  std::uint64_t up_to(std::uint64_t last) { return random_() % (last + 1); }
  bool one_in(std::uint64_t n) { return up_to(n - 1) == 0; }
  observation& any_answer(history& made);
  struct host;
  [[nodiscard]] verdict judge_on(const history& made, const std::vector<host>& hosts,
                                 std::optional<moment> error);
  void give_turns(std::vector<request>& requests, history& made);

  std::mt19937_64 random_;
};

/// The same judgement by comparing everything with everything.
struct plain_verdict {
  std::uint64_t duplicates{0};
  bool out_of_order{false};
  std::uint64_t faulty{0};  ///< answers for another id or without a turn
  std::uint64_t missing{0};
  std::uint64_t unexplained{0};

  [[nodiscard]] bool sound() const {
    return duplicates == 0 && !out_of_order && faulty == 0 && unexplained == 0;
  }
};
[[nodiscard]] plain_verdict judge_plainly(const history& made);

}  // namespace turnomatic::bench
