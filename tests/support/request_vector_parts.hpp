// What the request vectors are made of.
#pragma once

#include "support/request_vectors.hpp"

#include <string>
#include <vector>

namespace turnomatic::support {
namespace vector_parts {

inline constexpr bool closes = true;
inline constexpr bool stays = false;

inline const std::string crlf = "\r\n";
inline const std::string host = "Host: localhost\r\n";

// A request of these parts; `fields` are whole lines.
inline std::string request(const std::string& line, const std::string& fields = host) {
  return line + crlf + fields + crlf;
}
inline std::string get(const std::string& target, const std::string& fields = host) {
  return request("GET " + target + " HTTP/1.1", fields);
}
inline std::string turn_with(const std::string& fields) {
  return get("/turno/v", host + fields);
}

}  // namespace vector_parts

/// Appends the vectors of how a request says that a body follows, and of the bodies themselves.
void add_body_vectors(std::vector<request_vector>& v);

}  // namespace turnomatic::support
