// Observations as they stand in a file.
#pragma once

#include "proof/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::bench {

/// One delivery of a stream.
struct recorded_block {
  std::uint32_t stream{0};
  moment watermark{0};  ///< what the stream brings later was sent then or after
  std::vector<observation> what;
};

/// Turns blocks into bytes and back. Each number is written as its difference from one before it
/// that is likely to be near: of the same id, or of the same stream. Reader and writer go through
/// the same blocks in the same order. Not thread-safe.
class block_codec {
 public:
  struct bounds {
    std::size_t ids;
    std::size_t connections;
    std::size_t streams;
  };
  explicit block_codec(const bounds& of);

  void encode(std::uint32_t stream, moment watermark, std::span<const observation> what,
              std::string& out);
  /// False if `in` is not one whole block within the bounds; the codec is then of no more use.
  [[nodiscard]] bool decode(std::string_view in, recorded_block& out);

 private:
  bounds bounds_;
  std::vector<std::uint64_t> last_turn_;  // by id
  std::vector<moment> last_sent_;         // by stream
};

}  // namespace turnomatic::bench
