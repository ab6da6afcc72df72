#include "support/redis_reply.hpp"

#include <charconv>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace turnomatic::support {
namespace {

using kind = redis_reply::kind;

constexpr int depth_max = 8;
constexpr std::int64_t length_max = 64 << 20;  // of a bulk string in bytes, of an array in elements
constexpr std::string_view line_end = "\r\n";

[[noreturn]] void fail(std::string_view line) {
  throw std::runtime_error{"not RESP2: " + std::string{line.substr(0, 80)}};
}

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    fail(text);
  return number;
}

// -1 stands for nil.
std::int64_t to_length(std::string_view text) {
  const std::int64_t length = to_number(text);
  if (length < -1 || length > length_max)
    fail(text);
  return length;
}

std::optional<std::string_view> take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find(line_end);
  if (end == std::string_view::npos)
    return std::nullopt;
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + line_end.size());
  return line;
}

std::optional<redis_reply> take(std::string_view& bytes, int depth);

std::optional<redis_reply> take_bulk(std::string_view& bytes, std::int64_t length) {
  if (length < 0)
    return redis_reply::nil();
  const auto size = static_cast<std::size_t>(length);
  if (bytes.size() < size + line_end.size())
    return std::nullopt;
  if (bytes.substr(size, line_end.size()) != line_end)
    fail(bytes);
  redis_reply reply = redis_reply::bulk(std::string{bytes.substr(0, size)});
  bytes.remove_prefix(size + line_end.size());
  return reply;
}

std::optional<redis_reply> take_array(std::string_view& bytes, std::int64_t length, int depth) {
  if (length < 0)
    return redis_reply::nil();
  std::vector<redis_reply> elements;
  for (std::int64_t i = 0; i < length; ++i) {
    auto element = take(bytes, depth + 1);
    if (!element)
      return std::nullopt;
    elements.push_back(std::move(*element));
  }
  return redis_reply::array(std::move(elements));
}

// May have taken something also when it returns nothing.
std::optional<redis_reply> take(std::string_view& bytes, int depth) {
  const auto line = take_line(bytes);
  if (!line)
    return std::nullopt;
  if (line->empty() || depth > depth_max)
    fail(*line);
  const std::string_view text = line->substr(1);
  switch (line->front()) {
    case '+':
      return redis_reply::simple(std::string{text});
    case '-':
      return redis_reply::error(std::string{text});
    case ':':
      return redis_reply::integer(to_number(text));
    case '$':
      return take_bulk(bytes, to_length(text));
    case '*':
      return take_array(bytes, to_length(text), depth);
    default:
      fail(*line);
  }
}

}  // namespace

redis_reply redis_reply::simple(std::string text) {
  return {.type = kind::simple, .text = std::move(text)};
}

redis_reply redis_reply::error(std::string text) {
  return {.type = kind::error, .text = std::move(text)};
}

redis_reply redis_reply::integer(std::int64_t number) {
  return {.type = kind::integer, .number = number};
}

redis_reply redis_reply::bulk(std::string text) {
  return {.type = kind::bulk, .text = std::move(text)};
}

redis_reply redis_reply::array(std::vector<redis_reply> elements) {
  return {.type = kind::array, .elements = std::move(elements)};
}

void append_reply(std::string& out, const redis_reply& reply) {
  switch (reply.type) {
    case kind::nil:
      out.append("$-1").append(line_end);
      return;
    case kind::simple:
      out.append(1, '+').append(reply.text).append(line_end);
      return;
    case kind::error:
      out.append(1, '-').append(reply.text).append(line_end);
      return;
    case kind::integer:
      out.append(1, ':').append(std::to_string(reply.number)).append(line_end);
      return;
    case kind::bulk:
      out.append(1, '$').append(std::to_string(reply.text.size())).append(line_end);
      out.append(reply.text).append(line_end);
      return;
    case kind::array:
      out.append(1, '*').append(std::to_string(reply.elements.size())).append(line_end);
      for (const redis_reply& element : reply.elements)
        append_reply(out, element);
      return;
  }
}

std::ostream& operator<<(std::ostream& out, const redis_reply& reply) {
  switch (reply.type) {
    case kind::nil:
      return out << "(nil)";
    case kind::simple:
      return out << reply.text;
    case kind::error:
      return out << "(error) " << reply.text;
    case kind::integer:
      return out << "(integer) " << reply.number;
    case kind::bulk:
      return out << '"' << reply.text << '"';
    case kind::array:
      break;
  }
  const char* separator = "";
  out << '[';
  for (const redis_reply& element : reply.elements)
    out << std::exchange(separator, ", ") << element;
  return out << ']';
}

std::optional<redis_reply> take_reply(std::string_view& bytes) {
  std::string_view rest = bytes;
  auto reply = take(rest, 1);
  if (reply)
    bytes = rest;
  return reply;
}

}  // namespace turnomatic::support
