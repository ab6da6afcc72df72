// Writes a recording.
#pragma once

#include "recording/block.hpp"
#include "recording/chunk.hpp"
#include "recording/header.hpp"

#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace turnomatic::bench {

/// A file that grows block by block. What is not ended by `finish` is refused by the reader: a
/// recording cut short proves nothing. Not thread-safe.
class recording_writer {
 public:
  /// Creates or replaces `path`. Check `good` afterwards.
  recording_writer(const std::string& path, const recording_header& header);

  void add(std::uint32_t stream, moment watermark, std::span<const observation> what);
  void finish(const servers_account& account);

  /// Whether all has been written so far.
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  void write(chunk_kind kind, std::string_view payload);

  std::unique_ptr<std::FILE, file_closer> file_;
  bool good_;
  block_codec codec_;
  std::string payload_;
  std::uint64_t observations_{0};
};

}  // namespace turnomatic::bench
