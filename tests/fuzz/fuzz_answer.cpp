// Answers of a server made of arbitrary bytes, as the load generator reads them. What it knows
// again from the head must be what it reads afresh, and what comes in pieces the same as at once.
#include "load/answer_reader.hpp"
#include "load/turn_body.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace turnomatic::bench;

void require(bool holds) {
  if (!holds)
    std::abort();
}

// The answer at the beginning of `input`, brought three bytes at a time.
answer_reader::progress read_in_pieces(answer_reader& reader, std::string_view input,
                                       http_answer& answer, std::size_t& taken) {
  answer_reader::partial begun;
  for (std::size_t come = 3; come < input.size(); come += 3) {
    const auto how = reader.read(input.substr(0, come), /*ended=*/false, begun, answer, taken);
    if (how != answer_reader::progress::incomplete)
      return how;
  }
  return reader.read(input, /*ended=*/true, begun, answer, taken);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  answer_reader practised;
  while (!input.empty()) {
    http_answer answer;
    std::size_t taken = 0;
    answer_reader::partial begun;
    const auto first = practised.read(input, /*ended=*/true, begun, answer, taken);
    answer_reader fresh;
    http_answer same;
    std::size_t same_taken = 0;
    require(read_in_pieces(fresh, input, same, same_taken) == first);
    if (first != answer_reader::progress::complete)
      break;
    require(taken > 0 && taken == same_taken && answer.status == same.status &&
            answer.last == same.last && answer.body == same.body);
    const turn_body body = read_turn_body(answer.body, "a");
    require((body.what == outcome::answered) == (body.turn != 0));
    (void)certainly_not_applied(answer.status, answer.body);
    input.remove_prefix(taken);
  }
  return 0;
}
