#include "support/http_answer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace turnomatic::support {
namespace {

namespace http = boost::beast::http;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::vector<int> parsed_answers::statuses() const {
  std::vector<int> all;
  for (const http_answer& answer : answers)
    all.push_back(answer.status);
  return all;
}

parsed_answers parse_answers(std::string_view bytes, bool head_only) {
  parsed_answers result;
  while (!bytes.empty()) {
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.skip(head_only);
    boost::system::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != http::error::need_more)
      result.malformed = true;
    if (error || !parser.is_done())
      break;

    http_answer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get())
      answer.fields[lower(std::string{field.name_string()})] = std::string{field.value()};
    answer.body = parser.get().body();
    result.answers.push_back(std::move(answer));
    bytes.remove_prefix(used);
  }
  result.rest = bytes;
  return result;
}

std::uint64_t turn_of(std::string_view body, std::string_view id) {
  const std::string begin = R"({"id":")" + std::string{id} + R"(","turno":)";
  if (!body.starts_with(begin) || !body.ends_with('}'))
    return 0;
  const std::string_view digits = body.substr(begin.size(), body.size() - begin.size() - 1);
  std::uint64_t turn = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), turn);
  return error == std::errc{} && end == digits.data() + digits.size() ? turn : 0;
}

}  // namespace turnomatic::support
