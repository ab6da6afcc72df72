#include "http/gzip.hpp"

#include <boost/beast/core/string.hpp>
#include <zlib.h>

#include <algorithm>

namespace turnomatic::http {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// "q=0", "Q=0.000".
bool is_zero_weight(std::string_view parameter) noexcept {
  return (parameter.starts_with("q=") || parameter.starts_with("Q=")) && parameter.size() > 2 &&
         parameter.find_first_not_of("0.", 2) == std::string_view::npos;
}

bool names_gzip(std::string_view coding) noexcept {
  const auto is = [coding](boost::beast::string_view name) {
    return boost::beast::iequals({coding.data(), coding.size()}, name);
  };
  return is("gzip") || is("x-gzip");  // the same by RFC 9110 section 8.4.1.3
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) noexcept {
  while (!accept_encoding.empty()) {
    const std::string_view one = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(one.size() + 1, accept_encoding.size()));
    const std::size_t name_size = std::min(one.find(';'), one.size());
    const std::string_view parameter = trimmed(one.substr(std::min(name_size + 1, one.size())));
    if (names_gzip(trimmed(one.substr(0, name_size))))
      return !is_zero_weight(parameter);
  }
  return false;
}

bool gzip(std::string& content) {
  constexpr int window_of_gzip = MAX_WBITS + 16;
  constexpr int default_memory = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_of_gzip, default_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    return false;
  std::string packed(::deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (done)
    content = std::move(packed);
  return done;
}

}  // namespace turnomatic::http
