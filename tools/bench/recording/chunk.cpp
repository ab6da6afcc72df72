#include "recording/chunk.hpp"

#include <boost/endian/buffers.hpp>
#include <xxhash.h>

#include <algorithm>

namespace turnomatic::bench {
namespace {

// A header names up to a million ids; a block is much smaller.
constexpr std::uint32_t payload_size_max = std::uint32_t{256} << 20;
// A damaged length is found out after this much, not after an allocation of its size.
constexpr std::size_t read_step = std::size_t{1} << 20;

struct frame {
  char kind;
  boost::endian::little_uint32_buf_t size;
  boost::endian::little_uint64_buf_t checksum;  // XXH3, 64 bits
};
static_assert(sizeof(frame) == 13);

}  // namespace

bool write_chunk(std::FILE* file, chunk_kind kind, std::string_view payload) {
  frame head;
  head.kind = static_cast<char>(kind);
  head.size = static_cast<std::uint32_t>(payload.size());
  head.checksum = ::XXH3_64bits(payload.data(), payload.size());
  return payload.size() <= payload_size_max && std::fwrite(&head, sizeof head, 1, file) == 1 &&
         std::fwrite(payload.data(), 1, payload.size(), file) == payload.size();
}

chunk_status read_chunk(std::FILE* file, chunk_kind& kind, std::string& payload) {
  frame head;
  const std::size_t got = std::fread(&head, 1, sizeof head, file);
  if (got == 0 && std::feof(file) != 0)
    return chunk_status::end_of_file;
  if (got != sizeof head || head.size.value() > payload_size_max)
    return chunk_status::damaged;
  payload.clear();
  while (payload.size() < head.size.value()) {
    const std::size_t begin = payload.size();
    const std::size_t step = std::min<std::size_t>(head.size.value() - begin, read_step);
    payload.resize(begin + step);
    if (std::fread(payload.data() + begin, 1, step, file) != step)
      return chunk_status::damaged;
  }
  kind = static_cast<chunk_kind>(head.kind);
  const bool intact = ::XXH3_64bits(payload.data(), payload.size()) == head.checksum.value();
  return intact ? chunk_status::ok : chunk_status::damaged;
}

}  // namespace turnomatic::bench
