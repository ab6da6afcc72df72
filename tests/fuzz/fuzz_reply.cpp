// Replies of a store made of arbitrary bytes: read in one piece and in two they are the same, and
// what a take makes of them is a range that it can have asked for, or nothing.
#include "backend/redis/resp_codec.hpp"
#include "backend/redis/store_function.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace turnomatic;
using namespace turnomatic::redis;

void require(bool holds) {
  if (!holds)
    std::abort();
}

void write_down(const reply& from, std::string& out) {
  out += static_cast<char>('0' + static_cast<int>(from.what));
  out += std::to_string(from.integer);
  out += std::to_string(from.text.size());
  out += from.text;
  out += std::to_string(from.elements.size());
  for (const reply* const each : from.elements)
    write_down(*each, out);
}

void read_all(reply_reader& reader, std::string& out) {
  while (const reply* const next = reader.next()) {
    write_down(*next, out);
    (void)classify_error(next->text);
    constexpr std::uint64_t turns = 7;
    const take_answer answer = read_take_answer(*next, turns);
    if (answer.what == take_answer::kind::taken)
      require(answer.range.count >= 1 && answer.range.count <= turns && answer.range.first >= 1 &&
              answer.range.first + answer.range.count - 1 <= turn_max);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::string_view bytes = input.substr(1);
  reply_reader whole;
  std::string at_once;
  whole.feed(bytes);
  read_all(whole, at_once);

  reply_reader halves;
  std::string in_two;
  const std::size_t cut = bytes.empty() ? 0 : data[0] % bytes.size();
  halves.feed(bytes.substr(0, cut));
  read_all(halves, in_two);
  halves.feed(bytes.substr(cut));
  read_all(halves, in_two);
  require(at_once == in_two && whole.broken() == halves.broken());
  return 0;
}
