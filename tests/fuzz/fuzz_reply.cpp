// Replies of a store made of arbitrary bytes: read in one piece and in two they are the same, and
// what a take makes of them is a range that it can have asked for, or nothing.
#include "backend/redis/shard/refusal_table.hpp"
#include "backend/redis/wire/commands.hpp"
#include "backend/redis/wire/sentinel_commands.hpp"
#include "backend/redis/wire/server_info.hpp"

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
  out += static_cast<char>('0' + static_cast<int>(from.type));
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
    (void)refusal_of(next->text);
    server_info server;
    read_server_info(server, *next);
    (void)unfit(server);
    (void)read_store_record(*next);
    (void)read_entry_answer(*next);
    (void)read_report_answer(*next);
    for (const auto& host : {read_primary(*next), read_switch(*next, "m")})
      require(!host || (!host->name.empty() && host->port != 0));
    for (const redis_host& host : read_sentinels(*next))
      require(!host.name.empty() && host.port != 0);
    constexpr std::uint64_t turns = 7;
    for (const auto& [index, found] :
         read_raise_answer(*next, turns).value_or(raise_answer{}).behind)
      require(index < turns);
    const take_result result = read_take_result(*next, turns);
    const auto& [first, count, known] = result.range;
    if (result.type == take_result::kind::taken || result.type == take_result::kind::known)
      require(first >= 1 && count >= 1 && count <= turn_max && first <= turn_max - count + 1);
    if (result.type == take_result::kind::taken)
      require(count <= turns);
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
