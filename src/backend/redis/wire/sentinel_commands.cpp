#include "backend/redis/wire/sentinel_commands.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace turnomatic::redis {
namespace {

constexpr std::string_view switch_channel = "+switch-master";
constexpr std::size_t host_bytes_max = 253;  // of a name in the DNS, RFC 1035

template <class... Words>
void append(std::string& out, Words... words) {
  append_command(out, std::array<std::string_view, sizeof...(words)>{words...});
}

bool may_be_of_a_host(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._:"}.find(c) != std::string_view::npos;
}

std::optional<redis_host> host_of(std::string_view name, std::string_view port) {
  const auto number = natural_of(port);
  if (name.empty() || name.size() > host_bytes_max ||
      !std::ranges::all_of(name, may_be_of_a_host) || !number || *number == 0 ||
      *number > std::numeric_limits<std::uint16_t>::max())
    return std::nullopt;
  return redis_host{std::string{name}, static_cast<std::uint16_t>(*number)};
}

/// The value of a field in a list of names and values.
std::string_view value_of(const reply& fields, std::string_view name) {
  for (std::size_t i = 0; i + 1 < fields.elements.size(); i += 2) {
    if (fields.text_at(i) == name)
      return fields.text_at(i + 1);
  }
  return {};
}

/// Cuts a word off.
std::string_view next_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

bool append_login(std::string& out, std::string_view user, std::string_view password) {
  if (!user.empty())
    append(out, "AUTH", user, password);
  else if (!password.empty())
    append(out, "AUTH", password);
  return !user.empty() || !password.empty();
}

void append_primary_question(std::string& out, std::string_view primary) {
  append(out, "SENTINEL", "get-master-addr-by-name", primary);
}

std::optional<redis_host> read_primary(const reply& answer) {
  return answer.elements.size() == 2 ? host_of(answer.text_at(0), answer.text_at(1)) : std::nullopt;
}

void append_epoch_question(std::string& out, std::string_view primary) {
  append(out, "SENTINEL", "master", primary);
}

std::optional<std::uint64_t> read_epoch(const reply& answer) {
  return natural_of(value_of(answer, "config-epoch"));
}

std::optional<std::uint32_t> read_replicas(const reply& answer) {
  const auto number = natural_of(value_of(answer, "num-slaves"));
  return number && *number <= std::numeric_limits<std::uint32_t>::max()
             ? std::optional{static_cast<std::uint32_t>(*number)}
             : std::nullopt;
}

void append_sentinels_question(std::string& out, std::string_view primary) {
  append(out, "SENTINEL", "sentinels", primary);
}

std::vector<redis_host> read_sentinels(const reply& answer) {
  std::vector<redis_host> hosts;
  for (const reply* const each : answer.elements) {
    if (auto host = host_of(value_of(*each, "ip"), value_of(*each, "port")))
      hosts.push_back(std::move(*host));
  }
  return hosts;
}

void append_subscription(std::string& out) {
  append(out, "SUBSCRIBE", switch_channel);
}

bool is_subscribed(const reply& answer) {
  return answer.text_at(0) == "subscribe" && answer.text_at(1) == switch_channel;
}

void append_ping(std::string& out) {
  append(out, "PING");
}

// "<name> <old ip> <old port> <new ip> <new port>" (sentinel.c,
// sentinelResetMasterAndChangeAddress).
std::optional<redis_host> read_switch(const reply& answer, std::string_view primary) {
  if (answer.text_at(0) != "message" || answer.text_at(1) != switch_channel)
    return std::nullopt;
  std::string_view words = answer.text_at(2);
  if (next_word(words) != primary)
    return std::nullopt;
  for (int i = 0; i < 2; ++i)
    next_word(words);
  const std::string_view name = next_word(words);
  return host_of(name, next_word(words));
}

}  // namespace turnomatic::redis
