// Which of several recordings to read on in.
#pragma once

#include "proof/observation.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnomatic::bench {

/// Keeps recordings abreast of each other in time, so that what belongs together is judged together
/// and little has to wait. The proof is no further than the stream that is furthest behind: so is a
/// recording, and one of which a stream has brought nothing yet is before all.
class reading_order {
 public:
  /// A recording more; they are numbered from 0.
  void add(std::size_t streams);

  /// A stream of it has brought a watermark, on the common time line.
  void reached(std::size_t recording, std::size_t stream, moment watermark);
  void ended(std::size_t recording) { recordings_[recording].ended = true; }

  /// The one that is furthest behind, or nothing if all have ended.
  [[nodiscard]] std::optional<std::size_t> next() const;

 private:
  struct progress {
    std::vector<moment> streams;
    moment lowest;
    bool ended{false};
  };

  std::vector<progress> recordings_;
};

}  // namespace turnomatic::bench
