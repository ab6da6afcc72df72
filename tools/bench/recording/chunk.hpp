// The frame of everything in a recording: a kind, a length, a checksum, then the bytes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace turnomatic::bench {

inline constexpr std::string_view recording_magic{"turnrec\n", 8};

enum class chunk_kind : char { header = 'H', block = 'B', end = 'E' };

/// A FILE that closes itself.
struct file_closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

/// Writes a chunk; false if the file cannot take it.
[[nodiscard]] bool write_chunk(std::FILE* file, chunk_kind kind, std::string_view payload);

enum class chunk_status : std::uint8_t { ok, end_of_file, damaged };

/// Reads the next chunk. `damaged`: cut off, longer than any chunk, or not what was written.
[[nodiscard]] chunk_status read_chunk(std::FILE* file, chunk_kind& kind, std::string& payload);

}  // namespace turnomatic::bench
