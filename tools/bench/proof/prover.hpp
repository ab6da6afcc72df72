// The proof over all ids, fed while the load runs.
#pragma once

#include "proof/clocks.hpp"
#include "proof/connection_order.hpp"
#include "proof/evidence.hpp"
#include "proof/id_history.hpp"
#include "proof/observation.hpp"
#include "proof/saturated_sum.hpp"
#include "proof/servers_account.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace turnomatic::bench {

/// What was proven, or not.
struct verdict {
  std::uint64_t turns{0};             ///< answers with a turn
  std::uint64_t ids{0};               ///< ids that gave one
  std::uint64_t unknown_outcomes{0};  ///< requests that may have taken a turn unseen
  std::uint64_t missing{0};           ///< turns between the first and last seen, not seen
  std::uint64_t explained_by_unknown{0};
  std::uint64_t explained_by_account{0};  ///< by the burned turns that the servers count
  std::uint64_t duplicates{0};
  std::uint64_t inversions{0};
  std::uint64_t connection_inversions{0};
  std::uint64_t unexplained{0};
  std::uint64_t wrong_ids{0};
  std::uint64_t malformed{0};
  bool gave_up{false};            ///< too many gaps to follow
  bool account_lost{false};       ///< what is unexplained might have been explained by it
  std::vector<finding> findings;  ///< the first violations

  /// Turns that a lost account might have explained accuse nobody, and are not among them.
  [[nodiscard]] std::uint64_t violations() const noexcept {
    // All but the last count observations, of which there are not that many.
    return saturated_sum(duplicates + inversions + connection_inversions + wrong_ids + malformed,
                         account_lost ? 0 : unexplained);
  }
};

/// Takes what the generators observed, stream by stream, and judges it as it comes. A stream is
/// one thread of one generator. Memory grows with ids, connections, what is under way, and gaps;
/// not with the number of turns. Not thread-safe.
class prover {
 public:
  struct setup {
    std::size_t ids;
    std::size_t depth;                          ///< requests under way per connection
    std::vector<std::uint8_t> clock_of_stream;  ///< one entry a stream
    std::vector<std::uint8_t> clock_of_connection;
    clocks relation{};
    evidence::limits limits{};
  };

  explicit prover(setup how);
  prover(const prover&) = delete;
  prover& operator=(const prover&) = delete;

  /// The next observations of `stream`, each connection's in the order of its requests. Whatever
  /// the stream adds later was sent at `watermark` or after it, on the stream's clock.
  void add(std::size_t stream, std::span<const observation> what, moment watermark);
  /// Nothing more comes from `stream`.
  void end(std::size_t stream);

  /// Answers judged so far or waiting for smaller turns.
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_; }
  [[nodiscard]] std::uint64_t violations_so_far() const noexcept;

  /// The verdict when all streams have ended. Call it once.
  [[nodiscard]] verdict finish(const servers_account& account);

 private:
  void take(const observation& what);
  void take_answer(const observation& answer);
  void raise_watermark(std::size_t stream, moment common);

  const clocks relation_;
  const std::vector<std::uint8_t> clock_of_stream_;
  evidence facts_;
  connection_order order_;
  std::vector<id_history> histories_;
  std::vector<std::uint32_t> waiting_;  // ids whose answers wait for smaller turns
  std::vector<moment> watermarks_;      // per stream, common time
  moment watermark_;
  std::uint64_t turns_{0};
  std::uint64_t unknown_{0};
};

}  // namespace turnomatic::bench
