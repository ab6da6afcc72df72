// What stands at the beginning and at the end of a recording.
#pragma once

#include "proof/observation.hpp"
#include "proof/servers_account.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

/// Version 1 could not say that an account was lost.
inline constexpr std::uint32_t recording_version = 2;

/// The set-up of the recorded run. docs/recording-format.md describes how it is written.
struct recording_header {
  std::string run_id;        ///< unlike that of any other run
  std::string host;          ///< name of the generator's host
  std::string boot_id;       ///< of its kernel: recordings that share it share a clock
  moment clock_offset{0};    ///< from its monotonic clock to the time since 1970
  std::uint32_t streams{0};  ///< threads
  std::uint32_t depth{1};    ///< requests under way per connection
  std::vector<std::string> ids;
  std::vector<std::string> targets;
  std::vector<std::uint32_t> stream_of_connection;
  std::vector<std::uint32_t> target_of_connection;
};

/// What is known only when the run is over.
struct recording_end {
  std::uint64_t observations{0};
  servers_account account{};
};

/// A run id, and this host's name, boot and clock, filled into a header.
void describe_host(recording_header& header);

[[nodiscard]] std::string to_json(const recording_header& header);
[[nodiscard]] std::string to_json(const recording_end& end);
/// Nothing if `text` is not such a document, or contradicts itself.
[[nodiscard]] std::optional<recording_header> header_from_json(std::string_view text);
[[nodiscard]] std::optional<recording_end> end_from_json(std::string_view text);

}  // namespace turnomatic::bench
