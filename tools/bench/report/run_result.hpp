// What one run did and found: the input of every report.
#pragma once

#include "proof/prover.hpp"
#include "report/histogram.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::bench {

/// Why a request got no answer, or a connection did not come about.
enum class failure : std::uint8_t {
  connect,   ///< the connection was refused or did not come about in time
  tls,       ///< the TLS handshake failed
  cut,       ///< the connection ended under a request
  deadline,  ///< no answer in time
  protocol,  ///< what came back is not HTTP/1.1
};
inline constexpr std::size_t failure_kinds = 5;

/// `connect`, `tls`, `cut`, `deadline`, `protocol`.
[[nodiscard]] std::string_view name_of(failure kind) noexcept;

/// One interval of the run, as a rule a second.
struct sample {
  std::chrono::duration<double> at;  ///< its end, from the start of the load
  std::chrono::duration<double> length;
  std::uint64_t turns;    ///< answered with a turn
  std::uint64_t refused;  ///< answered with anything else
  std::uint64_t failed;   ///< not answered
  std::chrono::nanoseconds p50;
  std::chrono::nanoseconds p99;
  std::chrono::nanoseconds max;
};

/// How the load was made, in words and numbers for the reader.
struct run_setup {
  std::vector<std::string> targets;
  std::string ids;      ///< such as "one (grupo7)" or "100,000, Zipf 1.1"
  std::string method;   ///< GET or POST
  std::string arrival;  ///< "closed loop" or "open loop, 50,000/s"
  std::uint32_t connections{0};
  std::uint32_t threads{0};
  std::uint32_t pipeline{1};
  bool keep_alive{true};
  bool idempotent{false};  ///< unknown outcomes were tried again under an Idempotency-Key
  std::chrono::nanoseconds deadline{0};
  std::chrono::nanoseconds warm_up{0};
};

/// The verdict and the names of what it speaks of.
struct proof_result {
  verdict proof;
  /// Turns that the servers say they took and gave to nobody; nothing if they were not asked, or
  /// did not answer at the end.
  std::optional<std::uint64_t> burned;
  std::vector<std::string> id_names;            ///< by `observation::id`
  std::vector<std::string> connection_targets;  ///< by `observation::connection`
  /// The bodies, as received, of the first answers that held no turn or another id's.
  std::vector<std::string> faulty_bodies;
};

/// The proof is of all the run, warm-up included.
struct run_result : proof_result {
  /// What went wrong at the end, in words for the user: an account or a file.
  std::vector<std::string> problems;
  std::string version;  ///< of the generator
  std::string host;     ///< that ran it
  std::chrono::system_clock::time_point started;
  run_setup setup;

  /// From here to `samples`: without the warm-up.
  std::chrono::duration<double> measured{0};
  std::map<int, std::uint64_t> statuses;  ///< answers by HTTP status
  std::array<std::uint64_t, failure_kinds> failures{};
  std::uint64_t retries{0};  ///< sendings again under a key
  /// Open loop: requests that were due before the end, for which no connection was free.
  std::uint64_t overdue{0};
  std::uint64_t bytes_received{0};
  std::uint64_t bytes_sent{0};
  std::unique_ptr<histogram> latencies;  ///< of the answers with a turn; never null
  std::vector<sample> samples;
  std::chrono::duration<double> cpu{0};  ///< of the generator, proof included
  /// The longest time for which a thread of the generator did not look at its sockets: latencies
  /// may owe as much to it. Warm-up included.
  std::chrono::nanoseconds longest_stall{0};

  [[nodiscard]] std::uint64_t turns() const { return latencies->count(); }
};

}  // namespace turnomatic::bench
