// One database of a Redis in memory: its keys, and what the data commands do to them.
#pragma once

#include "support/redis_reply.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace turnomatic::support {

struct redis_keyspace {
  using hash = std::map<std::string, std::string, std::less<>>;
  struct entry {
    std::variant<std::string, hash> content;
    std::optional<std::int64_t> life_span_ms{};  ///< as it was set last; time does not pass here

    friend bool operator==(const entry&, const entry&) = default;
  };

  /// Null if there is no such key, or if it is of another type.
  [[nodiscard]] const hash* find_hash(std::string_view key) const;

  std::map<std::string, entry, std::less<>> keys;

  friend bool operator==(const redis_keyspace&, const redis_keyspace&) = default;
};

/// The name of a command and its arguments.
using command_words = std::span<const std::string_view>;

/// What Redis writes in its own table of commands.
struct data_command {
  std::string_view name;
  int arity;  ///< words; negative: at least so many
  bool writes;
  bool may_need_memory;  ///< refused by a full server
  redis_reply (*execute)(redis_keyspace& in, command_words words);
};

/// Null if there is none of this name, in whatever case it is written.
[[nodiscard]] const data_command* find_data_command(std::string_view name);

[[nodiscard]] bool has_arity(int arity, command_words words) noexcept;
[[nodiscard]] bool equal_without_case(std::string_view left, std::string_view right) noexcept;
[[nodiscard]] std::string lower_case(std::string_view text);
/// By the rules of Redis: decimal digits with at most a minus before them.
[[nodiscard]] std::optional<std::int64_t> redis_integer(std::string_view text) noexcept;

}  // namespace turnomatic::support
