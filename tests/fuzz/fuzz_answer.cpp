// Answers of a server made of arbitrary bytes, as the load generator reads them. What it knows
// again from the head must be what it reads afresh.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  answer_reader practised;
  while (!input.empty()) {
    http_answer answer;
    std::size_t taken = 0;
    const auto first = practised.read(input, /*ended=*/true, answer, taken);
    answer_reader fresh;
    http_answer same;
    std::size_t same_taken = 0;
    require(fresh.read(input, /*ended=*/true, same, same_taken) == first);
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
