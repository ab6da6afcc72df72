#include "http/problem_text.hpp"

namespace turnomatic::http {
namespace {

std::string status_line_of(std::uint16_t status) {
  std::string line = "HTTP/1.1 " + std::to_string(status) + ' ';
  line += reason_phrase(status);
  line += "\r\n";
  return line;
}

// The texts of the table are plain ASCII without quotes or backslashes (a test checks it), so the
// body needs no escaping.
std::string body_of(const problem_description& what) {
  std::string body = R"({"type":"urn:turnomatic:problem:)";
  body += what.slug;
  body += R"(","title":")";
  body += what.title;
  body += R"(","status":)";
  body += std::to_string(what.status);
  body += R"(,"detail":")";
  body += what.detail;
  body += what.outcome_unknown ? R"(","applied":"unknown"})" : R"(","applied":"no"})";
  return body;
}

problem_text make_text(const problem_description& what) {
  problem_text made{status_line_of(what.status),
                    "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n",
                    {},
                    body_of(what)};
  if (what.what == problem::unauthorized)
    made.fields += "WWW-Authenticate: Bearer\r\n";  // RFC 9110 section 11.6.1 wants it
  made.length = "Content-Length: " + std::to_string(made.body.size()) + "\r\n\r\n";
  return made;
}

}  // namespace

const std::array<problem_text, problem_count>& problem_texts() {
  static const std::array<problem_text, problem_count> texts = [] {
    std::array<problem_text, problem_count> made;
    for (const problem_description& row : problem_table())
      made[index_of(row.what)] = make_text(row);
    return made;
  }();
  return texts;
}

}  // namespace turnomatic::http
