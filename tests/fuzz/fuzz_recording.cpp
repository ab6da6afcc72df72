// Blocks of a recording made of arbitrary bytes. What is decoded must survive being written and
// read again, and whatever it says, the proof must come to an end.
#include "proof/prover.hpp"
#include "recording/block.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace turnomatic::bench;

constexpr std::size_t ids = 4;
constexpr std::size_t connections = 8;
constexpr std::size_t streams = 2;

void require(bool holds) {
  if (!holds)
    std::abort();
}

void check_round_trip(const recorded_block& block) {
  block_codec writer{{ids, connections, streams}};
  block_codec reader{{ids, connections, streams}};
  std::string bytes;
  writer.encode(block.stream, block.watermark, block.what, bytes);
  recorded_block again;
  require(reader.decode(bytes, again));
  require(again.stream == block.stream && again.watermark == block.watermark &&
          again.what.size() == block.what.size());
  for (std::size_t i = 0; i < again.what.size(); ++i) {
    const observation& a = again.what[i];
    const observation& b = block.what[i];
    require(a.id == b.id && a.connection == b.connection && a.what == b.what &&
            a.retried == b.retried && a.turn == b.turn && a.sent == b.sent &&
            a.received == b.received);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  block_codec codec{{ids, connections, streams}};
  prover proof{{.ids = ids,
                .depth = 2,
                .clock_of_stream = std::vector<std::uint8_t>(streams),
                .clock_of_connection = std::vector<std::uint8_t>(connections),
                .relation = {},
                .limits = {.recent = 16, .gaps = 100}}};
  // A byte of length in front of each block.
  while (!input.empty()) {
    const std::size_t length = static_cast<unsigned char>(input.front());
    const std::string_view bytes = input.substr(1, length);
    input.remove_prefix(1 + bytes.size());
    recorded_block block;
    if (!codec.decode(bytes, block))
      break;
    check_round_trip(block);
    proof.add(block.stream, block.what, block.watermark);
  }
  for (std::size_t stream = 0; stream < streams; ++stream)
    proof.end(stream);
  (void)proof.finish({});
  return 0;
}
