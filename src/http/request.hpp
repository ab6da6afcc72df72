// A request head, taken apart.
#pragma once

#include "http/provenance.hpp"
#include "http/request_body.hpp"
#include "http/request_gate.hpp"

#include <turnomatic/observer.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::http {

/// The methods that some endpoint serves; `other_known` is any other registered one.
enum class method : std::uint8_t { get, post, head, options, connect, other_known, unknown };

/// The views point into the bytes that were parsed.
struct request_head {
  http::method method;
  std::string_view target;  ///< the request target as received
  bool keep_alive;          ///< as the client asked for it, by version and Connection
  bool says_keep_alive;     ///< Connection says so; a client that says it listens for an answer
  /// The value of Idempotency-Key, not looked at yet; nothing without that field.
  std::optional<std::string_view> idempotency_key;
  bool idempotency_key_repeated;
  std::string_view authorization{};  ///< of the one field of this name, if there is one
  body_framing body{};               ///< what follows the head
  bool expects_continue{false};      ///< it follows when a 100 was received (RFC 9110 10.1.1)
  provenance from{};
  std::string_view accept_encoding{};  ///< of the one field of this name, if there is one
};

[[nodiscard]] method_label label_of(method m) noexcept;

/// A head that the gate has accepted, with the version HTTP/1.1 in its request line. A later minor
/// version is processed as the highest one that we conform to (RFC 9110 section 2.5), and Beast
/// knows none beyond it.
[[nodiscard]] std::string as_http_1_1(std::string_view head);

/// Takes apart a head of HTTP/1.0 or 1.1 that the gate has accepted (it ends with its empty line)
/// and applies the rules that need the fields' meaning: one valid Host, framing without doubt, no
/// body but one that may be ignored, a request target of a form that its method allows, no
/// expectation that nobody knows (RFC 9112 sections 3.2, 6.1 to 6.3, 11.2; RFC 9110
/// section 10.1.1). Built on Beast's parser; allocates nothing.
[[nodiscard]] boost::system::result<request_head, rejection> parse_head(std::string_view head);

}  // namespace turnomatic::http
