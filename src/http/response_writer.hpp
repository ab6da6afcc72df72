// Writes answers as bytes.
#pragma once

#include "http/problem_text.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::http {

/// What the answer says about the connection. HTTP/1.1 keeps it open unless told otherwise; a
/// client that said keep-alive is told that it stays, as one of HTTP/1.0 must be (RFC 9112
/// section 9.3), and for how long.
enum class connection_field : std::uint8_t { none, close, keep_alive };

/// How an answer is framed, apart from what it says.
struct answer_frame {
  connection_field connection{connection_field::none};
  bool head_only{false};  ///< the request was a HEAD: no content
  bool gzip{false};       ///< of a document: it is packed
  /// Its pages may read the answer (Fetch, "CORS protocol"); empty: none is told anything.
  std::string_view allowed_origin{};
  bool preflight{false};  ///< the pages of allowed_origin ask what they may send

  [[nodiscard]] bool is_plain() const noexcept {
    return connection == connection_field::none && allowed_origin.empty();
  }
};

/// Appends complete answers to a buffer. The parts that all answers of one second share are
/// kept ready, and all that answers about one problem share, so that an answered turn costs a few
/// copies and one number format, and a refused one no more. One worker uses one instance.
class response_writer {
 public:
  explicit response_writer(std::chrono::system_clock::time_point now) { set_date(now); }

  /// The moment that the Date field states from here on, in whole seconds.
  void set_date(std::chrono::system_clock::time_point now);

  /// For how long an idle connection is kept from here on. Answers promise a second less, since
  /// they and the next request are under way for a while; below two seconds they promise nothing.
  void set_idle_timeout(std::chrono::milliseconds timeout);

  void append_turn(std::string& out, std::string_view id, std::uint64_t turn,
                   const answer_frame& frame) const;

  /// `allow` is the Allow field, empty for none; `retry_after_seconds` is used if the
  /// problem's row asks for it.
  void append_problem(std::string& out, const problem_description& what, answer_frame frame,
                      std::string_view allow, unsigned retry_after_seconds) const;

  /// 204, which has no content; `allow` as above.
  void append_no_content(std::string& out, std::string_view allow, const answer_frame& frame) const;

  /// The beginning of an answer whose content ends with the connection.
  void append_stream(std::string& out, std::string_view content_type, answer_frame frame) const;

  void append_document(std::string& out, std::uint16_t status, std::string_view content_type,
                       std::string_view body, answer_frame frame,
                       unsigned retry_after_seconds) const;

 private:
  void append_head(std::string& out, std::uint16_t status, std::string_view content_type) const;
  void append_content(std::string& out, std::string_view body, const answer_frame& frame) const;
  void append_frame_fields(std::string& out, const answer_frame& frame) const;
  [[nodiscard]] std::string_view line_of(connection_field connection) const noexcept;

  std::string date_line_;  // "Date: ...\r\n"
  std::string turn_head_;  // status line to Cache-Control
  std::string keep_alive_lines_{"Connection: keep-alive\r\n"};
  const std::array<problem_text, problem_count>& problems_{problem_texts()};
};

}  // namespace turnomatic::http
