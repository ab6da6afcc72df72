// Reads answers back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::support {

struct http_answer {
  int status{0};
  std::map<std::string, std::string> fields;  ///< names in lower case
  std::string body;
};

struct parsed_answers {
  std::vector<http_answer> answers;
  std::string rest;       ///< bytes behind the last complete answer
  bool malformed{false};  ///< the rest can never become an answer

  [[nodiscard]] std::vector<int> statuses() const;
};

/// Reads whole answers from the front of `bytes`. `head_only`: they answer HEAD requests.
[[nodiscard]] parsed_answers parse_answers(std::string_view bytes, bool head_only = false);

/// The turn in `{"id":"...","turno":N}`; 0 if the body is not exactly of that form for `id`.
[[nodiscard]] std::uint64_t turn_of(std::string_view body, std::string_view id);

}  // namespace turnomatic::support
