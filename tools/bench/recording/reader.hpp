// Reads a recording.
#pragma once

#include "recording/block.hpp"
#include "recording/chunk.hpp"
#include "recording/header.hpp"

#include <cstdio>
#include <memory>
#include <string>

namespace turnomatic::bench {

/// Reads a recording from front to back and trusts nothing in it. Not thread-safe.
class recording_reader {
 public:
  /// Opens `path` and reads the header. If that fails, `error` says why.
  explicit recording_reader(const std::string& path);
  /// The same for a file that is open; takes it over.
  recording_reader(std::FILE* file, std::string name);

  /// Empty, or what is wrong with the file, in words for the user, its name included.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  [[nodiscard]] const recording_header& header() const noexcept { return header_; }
  /// The next block, or false at the end or on an error.
  [[nodiscard]] bool next(recorded_block& out);
  /// What the recording says of itself, once `next` has answered false without an error.
  [[nodiscard]] const recording_end& end() const noexcept { return end_; }

 private:
  void read_header();
  bool fail(const std::string& what);

  std::string name_;
  std::unique_ptr<std::FILE, file_closer> file_;
  std::string error_;
  recording_header header_;
  recording_end end_;
  std::unique_ptr<block_codec> codec_;
  std::string payload_;
  std::uint64_t observations_{0};
  bool ended_{false};
};

}  // namespace turnomatic::bench
