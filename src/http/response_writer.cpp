#include "http/response_writer.hpp"

#include "core/date_text.hpp"

#include <turnomatic/counter_id.hpp>

#include <array>
#include <charconv>

namespace turnomatic::http {
namespace {

constexpr std::string_view cache_control = "Cache-Control: no-store\r\n";

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

char* put(char* to, std::string_view text) noexcept {
  return to + text.copy(to, text.size());
}

// A browser shows a page no other fields of an answer than a few that are safe; Retry-After is none
// of them. Preflights are remembered for two hours, the most that Chromium accepts.
void append_cors_fields(std::string& out, const answer_frame& frame) {
  out += "Access-Control-Allow-Origin: ";
  out += frame.allowed_origin;
  out += "\r\nAccess-Control-Expose-Headers: Retry-After\r\nVary: Origin\r\n";
  if (frame.preflight)
    out +=
        "Access-Control-Allow-Methods: GET, POST\r\n"
        "Access-Control-Allow-Headers: Content-Type, Idempotency-Key\r\n"
        "Access-Control-Max-Age: 7200\r\n";
}

void append_allow(std::string& out, std::string_view allow) {
  if (allow.empty())
    return;
  out += "Allow: ";
  out += allow;
  out += "\r\n";
}

void append_retry_after(std::string& out, unsigned seconds) {
  out += "Retry-After: ";
  append_number(out, seconds);
  out += "\r\n";
}

}  // namespace

void response_writer::set_date(std::chrono::system_clock::time_point now) {
  date_line_ = "Date: " + imf_fixdate(now) + "\r\n";
  turn_head_.clear();
  append_head(turn_head_, 200, "application/json");
}

void response_writer::set_idle_timeout(std::chrono::milliseconds timeout) {
  const auto promised = std::chrono::floor<std::chrono::seconds>(timeout) - std::chrono::seconds{1};
  keep_alive_lines_ = "Connection: keep-alive\r\n";
  if (promised.count() > 0)
    keep_alive_lines_ += "Keep-Alive: timeout=" + std::to_string(promised.count()) + "\r\n";
}

std::string_view response_writer::line_of(connection_field connection) const noexcept {
  switch (connection) {
    case connection_field::none:
      return "";
    case connection_field::close:
      return "Connection: close\r\n";
    case connection_field::keep_alive:
      return keep_alive_lines_;
  }
  return "";
}

void response_writer::append_frame_fields(std::string& out, const answer_frame& frame) const {
  if (!frame.allowed_origin.empty())
    append_cors_fields(out, frame);
  out += line_of(frame.connection);
}

void response_writer::append_content(std::string& out, std::string_view body,
                                     const answer_frame& frame) const {
  append_frame_fields(out, frame);
  out += "Content-Length: ";
  append_number(out, body.size());
  out += "\r\n\r\n";
  if (!frame.head_only)
    out += body;
}

void response_writer::append_head(std::string& out, std::uint16_t status,
                                  std::string_view content_type) const {
  out += "HTTP/1.1 ";
  append_number(out, status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  out += date_line_;
  out += "Content-Type: ";
  out += content_type;
  out += "\r\n";
  out += cache_control;
}

void response_writer::append_turn(std::string& out, std::string_view id, std::uint64_t turn,
                                  const answer_frame& frame) const {
  constexpr std::string_view before_content = "Content-Length: ..\r\n\r\n";
  constexpr std::size_t length_begin = before_content.find('.');
  constexpr std::string_view before_id = R"({"id":")";
  constexpr std::string_view before_turn = R"(","turno":)";
  constexpr std::size_t digits_max = 16;  // of turn_max

  // Put together here, since each appending to a string looks for room and moves its end.
  std::array<char, before_content.size() + before_id.size() + counter_id::size_max +
                       before_turn.size() + digits_max + 1>
      tail;
  char* const content_begin = put(tail.data(), before_content);
  char* end = put(put(put(content_begin, before_id), id), before_turn);
  end = std::to_chars(end, end + digits_max, turn).ptr;
  *end++ = '}';
  const auto length = end - content_begin;  // 20 to 98
  tail[length_begin] = static_cast<char>('0' + length / 10);
  tail[length_begin + 1] = static_cast<char>('0' + length % 10);

  out += turn_head_;
  if (!frame.is_plain()) [[unlikely]]
    append_frame_fields(out, frame);
  out.append(tail.data(), end);
}

void response_writer::append_problem(std::string& out, const problem_description& what,
                                     answer_frame frame, std::string_view allow,
                                     unsigned retry_after_seconds) const {
  const problem_text& text = problems_[index_of(what.what)];
  out += text.status_line;
  out += date_line_;
  out += text.fields;
  append_allow(out, allow);
  if (what.retry_after)
    append_retry_after(out, retry_after_seconds);
  append_frame_fields(out, frame);
  out += text.length;
  if (!frame.head_only)
    out += text.body;
}

void response_writer::append_no_content(std::string& out, std::string_view allow,
                                        const answer_frame& frame) const {
  out += "HTTP/1.1 204 No Content\r\n";
  out += date_line_;
  out += cache_control;
  append_allow(out, allow);
  append_frame_fields(out, frame);
  out += "\r\n";
}

void response_writer::append_stream(std::string& out, std::string_view content_type,
                                    answer_frame frame) const {
  append_head(out, 200, content_type);
  append_frame_fields(out, frame);
  out += "\r\n";
}

void response_writer::append_document(std::string& out, std::uint16_t status,
                                      std::string_view content_type, std::string_view body,
                                      answer_frame frame, unsigned retry_after_seconds) const {
  append_head(out, status, content_type);
  if (frame.gzip)
    out += "Content-Encoding: gzip\r\n";  // Vary is for caches, and nothing here is stored
  if (status == 503)
    append_retry_after(out, retry_after_seconds);
  append_content(out, body, frame);
}

}  // namespace turnomatic::http
