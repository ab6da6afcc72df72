// Rounds in which sentinels are asked, and what they answer.
#pragma once

#include "backend/redis/endpoint/sentinel_resolver.hpp"
#include "unit/redis/resp_reply.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

inline constexpr std::string_view ok = "+OK\r\n";
inline constexpr std::string_view no_others = "*0\r\n";
inline constexpr std::string_view no_such_name = "*-1\r\n";
inline constexpr std::string_view no_epoch = "-NOPERM no permissions\r\n";

// Sentinels and primaries have names of one letter.
inline redis_host host_of(char name) {
  return {std::string(1, name), 1};
}

inline std::string bulk(std::string_view text) {
  return '$' + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
}

inline std::string primary_at(char name) {
  return "*2\r\n" + bulk(std::string(1, name)) + bulk("1");
}

inline std::string others(std::string_view names) {
  std::string text = '*' + std::to_string(names.size()) + "\r\n";
  for (const char name : names)
    text += "*4\r\n" + bulk("ip") + bulk(std::string(1, name)) + bulk("port") + bulk("1");
  return text;
}

/// How one sentinel meets a question. Each letter of a script is one of the sentinels that are
/// asked, in their order: `P` to `Z` a primary that it names, others as below.
class inquiry {
 public:
  explicit inquiry(std::string_view sentinels, std::string user = {}, std::string secret = {})
      : tested{{"m", hosts_of(sentinels), std::move(user)}}, password{std::move(secret)} {}

  static std::vector<redis_host> hosts_of(std::string_view names) {
    std::vector<redis_host> hosts;
    for (const char name : names)
      hosts.push_back(host_of(name));
    return hosts;
  }

  void begin(duration patience = std::chrono::milliseconds{900}) {
    tested.begin(now, now + patience);
  }

  /// The letters of those that were asked, one step of the script each.
  std::string round(std::string_view script) {
    begin();
    std::string asked;
    for (const char step : script) {
      const auto next = tested.next(now);
      if (!next)
        return asked + '!';
      asked += next->sentinel.name;
      if (meet(step))
        return asked;
    }
    return tested.next(now) ? asked + "..." : asked + '!';
  }

  /// True: the primary was found.
  bool meet(char step) {
    switch (step) {
      case '-':
        tested.give_up("TCP connect to x: Connection refused");
        return false;
      case '?':
        return answers(no_others, no_such_name);
      case '#':
        return answers(no_others, ok);
      default:
        return answers(no_others, primary_at(step));
    }
  }

  bool answers(std::string_view about_others, std::string_view about_primary,
               std::string_view about_epoch = no_epoch) {
    std::string out;
    tested.append_questions(out, password);
    EXPECT_EQ(tested.take(resp_reply{about_others}.value()), sentinel_resolver::progress::goes_on);
    EXPECT_EQ(tested.take(resp_reply{about_epoch}.value()), sentinel_resolver::progress::goes_on);
    return tested.take(resp_reply{about_primary}.value()) == sentinel_resolver::progress::found;
  }

  /// In the order in which they would be asked now.
  std::string order(std::size_t count) const {
    std::string names;
    for (std::size_t i = 0; i < count; ++i)
      names += tested.sentinel_at(i).name;
    return names;
  }

  time_point now{std::chrono::seconds{1000}};
  sentinel_resolver tested;
  std::string password;
};

}  // namespace turnomatic::redis
