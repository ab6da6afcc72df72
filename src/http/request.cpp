#include "http/request.hpp"

#include "http/request_target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/optional.hpp>

namespace turnomatic::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using beast::http::verb;
using beast_view = beast::string_view;

std::string_view view(beast_view text) noexcept {
  return {text.data(), text.size()};
}

method method_of(verb v) noexcept {
  switch (v) {
    case verb::get:
      return method::get;
    case verb::post:
      return method::post;
    case verb::head:
      return method::head;
    case verb::options:
      return method::options;
    case verb::connect:
      return method::connect;
    case verb::unknown:
      return method::unknown;
    default:
      return method::other_known;
  }
}

// Only the header callbacks of a request ever run: parse_head gives the parser one complete
// head and nothing behind it.
class head_parser final : public beast::http::basic_parser<true> {
 public:
  head_parser() {
    header_limit(request_line_max + header_bound + 16);  // the gate has checked the real limits
    body_limit(boost::none);                             // any body is refused by name instead
  }

  http::method method{};
  std::string_view target;
  std::string_view host;
  std::string_view authorization;
  unsigned authorizations{0};
  std::string_view accept_encoding;
  unsigned accept_encodings{0};
  unsigned hosts{0};
  unsigned content_lengths{0};
  unsigned transfer_encodings{0};
  bool content_length_is_digits{true};
  bool chunked_only{true};
  bool http_1_0{false};
  bool expects_continue{false};
  bool expects_what_is_unknown{false};
  std::optional<std::string_view> idempotency_key;
  unsigned idempotency_keys{0};
  provenance from;

  [[nodiscard]] bool says_keep_alive() const noexcept { return says_keep_alive_; }

  /// RFC 9112 section 9.3, by version and Connection. Beast would also go by Proxy-Connection, and
  /// let keep-alive win over close in HTTP/1.0.
  [[nodiscard]] bool persists() const noexcept {
    return !says_close_ && (!http_1_0 || says_keep_alive_);
  }

 private:
  using error_code = beast::error_code;

  void on_request_impl(verb v, beast_view, beast_view request_target, int version,
                       error_code&) override {
    method = method_of(v);
    target = view(request_target);
    http_1_0 = version == 10;
  }

  void on_field_impl(field name, beast_view text, beast_view value, error_code&) override {
    switch (name) {
      case field::host:
        ++hosts;
        host = view(value);
        break;
      case field::authorization:
        // Of two that may differ none can be meant.
        authorization = authorizations++ == 0 ? view(value) : std::string_view{};
        break;
      case field::accept_encoding:
        // Of two the first cannot be the whole list; nobody is owed a coding.
        accept_encoding = accept_encodings++ == 0 ? view(value) : std::string_view{};
        break;
      case field::content_length:
        ++content_lengths;
        content_length_is_digits =
            view(value).find_first_not_of("0123456789") == std::string_view::npos;
        break;
      case field::transfer_encoding:
        ++transfer_encodings;
        chunked_only = beast::iequals(value, "chunked");
        break;
      case field::expect:
        // An empty list expects nothing (RFC 9110 section 5.6.1).
        expects_continue |= beast::iequals(value, "100-continue");
        expects_what_is_unknown |= !value.empty() && !beast::iequals(value, "100-continue");
        break;
      case field::connection:
        read_connection_options(value);
        break;
      case field::origin:
        from.read_origin(view(value));
        break;
      case field::sec_fetch_site:
        from.read_fetch_site(view(value));
        break;
      case field::sec_fetch_mode:
        from.read_fetch_mode(view(value));
        break;
      case field::sec_fetch_dest:
        from.read_fetch_destination(view(value));
        break;
      case field::access_control_request_method:
        from.marks |= provenance::preflight;
        break;
      case field::unknown:
        read_unknown_field(text, value);
        break;
      default:
        break;
    }
  }

  // Beast has no number for these. Their sizes tell them apart from nearly all others.
  void read_unknown_field(beast_view name, beast_view value) noexcept {
    switch (name.size()) {
      case 15:
        if (beast::iequals(name, "Idempotency-Key")) {
          ++idempotency_keys;
          idempotency_key = view(value);
        }
        break;
      case 11:
        if (beast::iequals(name, "Sec-Purpose"))
          from.read_purpose(view(value));
        break;
      case 10:
        // Whatever its value (RFC 8470 section 5.1).
        if (beast::iequals(name, "Early-Data"))
          from.marks |= provenance::early_data;
        break;
      case 7:
        if (beast::iequals(name, "Purpose"))
          from.read_purpose(view(value));
        break;
      case 5:
        if (beast::iequals(name, "X-Moz"))
          from.read_purpose(view(value));
        break;
      default:
        break;
    }
  }

  void read_connection_options(beast_view value) noexcept {
    if (beast::iequals(value, "keep-alive")) {  // what most of those who send the field say
      says_keep_alive_ = true;
      return;
    }
    for (const beast_view option : beast::http::opt_token_list{value}) {
      says_close_ |= beast::iequals(option, "close");
      says_keep_alive_ |= beast::iequals(option, "keep-alive");
    }
  }

  void on_response_impl(int, beast_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(beast_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  bool says_close_{false};
  bool says_keep_alive_{false};
};

bool is_proxy_connection(std::string_view line) noexcept {
  const std::string_view name = line.substr(0, line.find(':'));
  return beast::iequals({name.data(), name.size()}, "Proxy-Connection");
}

// Beast refuses a Proxy-Connection that would be no Connection. The field has no meaning (RFC 9112
// appendix C.2.2), so neither has what is wrong with its value: the parser, which stops at the
// beginning of the line, goes on behind it.
beast::error_code parse(head_parser& parser, std::string_view head) {
  for (;;) {
    beast::error_code error;
    head.remove_prefix(parser.put(boost::asio::buffer(head.data(), head.size()), error));
    if (error != beast::http::error::bad_value || !is_proxy_connection(head))
      return error;
    head.remove_prefix(head.find('\n') + 1);
  }
}

rejection rejection_of(const beast::error_code& failure) noexcept {
  using beast::http::error;
  if (failure == error::bad_content_length || failure == error::multiple_content_length ||
      failure == error::bad_transfer_encoding)
    return rejection::bad_framing;
  return rejection::malformed;
}

// RFC 9112 section 6: what makes the length of the message doubtful is refused, whatever reading of
// it might be meant. Of what is certain only a POST may carry a little: clients that cannot send
// one without content send {}.
boost::system::result<body_framing, rejection> framing_of(const head_parser& parser) {
  if (parser.transfer_encodings > 0) {
    if (parser.transfer_encodings > 1 || !parser.chunked_only || parser.content_lengths > 0 ||
        parser.http_1_0)
      return rejection::bad_framing;
    if (parser.method != method::post)
      return rejection::body_not_allowed;
    return body_framing{body_kind::chunked};
  }
  if (parser.content_lengths == 0)
    return body_framing{};
  if (parser.content_lengths > 1 || !parser.content_length_is_digits)
    return rejection::bad_framing;
  const std::uint64_t length = parser.content_length().value_or(0);
  if (length == 0)
    return body_framing{};
  if (parser.method != method::post || length > body_max)
    return rejection::body_not_allowed;
  return body_framing{body_kind::length, static_cast<std::uint16_t>(length)};
}

bool has_valid_host(const head_parser& parser) noexcept {
  if (parser.hosts == 0)
    return parser.http_1_0;
  return parser.hosts == 1 && is_host_value(parser.host);
}

}  // namespace

method_label label_of(method m) noexcept {
  switch (m) {
    case method::get:
      return method_label::get;
    case method::post:
      return method_label::post;
    default:
      return method_label::other;
  }
}

std::string as_http_1_1(std::string_view head) {
  std::string changed{head};
  changed[changed.find('\r') - 1] = '1';
  return changed;
}

boost::system::result<request_head, rejection> parse_head(std::string_view head) {
  head_parser parser;
  if (const beast::error_code error = parse(parser, head))
    return rejection_of(error);
  if (!parser.is_header_done())
    return rejection::malformed;
  if (!has_valid_host(parser))
    return rejection::bad_host;
  const auto framing = framing_of(parser);
  if (!framing)
    return framing.error();
  if (!is_target_of(parser.method, parser.target))
    return rejection::bad_target;
  if (parser.expects_what_is_unknown)
    return rejection::expectation_unknown;
  return request_head{parser.method,
                      parser.target,
                      parser.persists(),
                      parser.says_keep_alive(),
                      parser.idempotency_key,
                      parser.idempotency_keys > 1,
                      parser.authorization,
                      *framing,
                      parser.expects_continue && !parser.http_1_0,
                      parser.from,
                      parser.accept_encoding};
}

}  // namespace turnomatic::http
