// What Redis answers, read by the tests' own eyes: nothing is shared with the code under test.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::support {

/// One reply of RESP2.
struct redis_reply {
  enum class kind { nil, simple, error, integer, bulk, array };

  kind type{kind::nil};
  std::string text{};                   ///< of a simple string, an error or a bulk string
  std::int64_t number{0};               ///< of an integer
  std::vector<redis_reply> elements{};  ///< of an array

  [[nodiscard]] static redis_reply simple(std::string text);
  [[nodiscard]] static redis_reply error(std::string text);
  [[nodiscard]] static redis_reply integer(std::int64_t number);
  [[nodiscard]] static redis_reply bulk(std::string text);
  [[nodiscard]] static redis_reply array(std::vector<redis_reply> elements);
  [[nodiscard]] static redis_reply nil() { return {}; }

  friend bool operator==(const redis_reply&, const redis_reply&) = default;
};

/// As a server sends it.
void append_reply(std::string& out, const redis_reply& reply);

/// Much as redis-cli shows it.
std::ostream& operator<<(std::ostream& out, const redis_reply& reply);

/// Takes one reply from the front of `bytes`; nothing, and takes nothing, if it is not there as
/// a whole. Throws std::runtime_error if it is none, is nested deeper than 8, or is longer than
/// 64 MiB.
[[nodiscard]] std::optional<redis_reply> take_reply(std::string_view& bytes);

}  // namespace turnomatic::support
