#include "load/request_text.hpp"

namespace turnomatic::bench {

request_text::request_text(const plan& how, const target& where)
    : before_id_{(how.post ? "POST " : "GET ") + where.prefix + "/turno/"},
      after_id_{" HTTP/1.1\r\nHost: " + where.host_field + "\r\n"} {
  if (how.post)
    after_id_ += "Content-Length: 0\r\n";
  if (!how.keep_alive)
    after_id_ += "Connection: close\r\n";
  for (const std::string& line : how.header_lines)
    after_id_ += line + "\r\n";
}

void request_text::append(std::string& out, std::string_view id, std::string_view key) const {
  out += before_id_;
  out += id;
  out += after_id_;
  if (!key.empty()) {
    out += "Idempotency-Key: \"";
    out += key;
    out += "\"\r\n";
  }
  out += "\r\n";
}

}  // namespace turnomatic::bench
