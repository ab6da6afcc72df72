#include "support/request_vector_parts.hpp"

#include <string>

namespace turnomatic::support {
namespace {

using namespace std::string_literals;
using namespace vector_parts;
using vectors = std::vector<request_vector>;

void add_framing(vectors& v) {
  v.push_back({"Content-Length 0", turn_with("Content-Length: 0\r\n"), {200}, stays});
  v.push_back({"Content-Length 000", turn_with("Content-Length: 000\r\n"), {200}, stays});
  v.push_back({"POST with Content-Length 0",
               request("POST /turno/v HTTP/1.1", host + "Content-Length: 0\r\n"),
               {200},
               stays});
  v.push_back({"a body", turn_with("Content-Length: 1\r\n") + "x", {413}, closes});
  v.push_back({"a body that does not come", turn_with("Content-Length: 5\r\n"), {413}, closes});
  v.push_back(
      {"a body of 2^64-1", turn_with("Content-Length: 18446744073709551615\r\n"), {413}, closes});
  v.push_back({"a body and Expect",
               turn_with("Content-Length: 1\r\nExpect: 100-continue\r\n"),
               {413},
               closes});
  v.push_back({"another expectation", turn_with("Expect: x\r\n"), {417}, closes});
  v.push_back({"Expect without a body", turn_with("Expect: 100-continue\r\n"), {200}, stays});
  v.push_back(
      {"a body to a probe", get("/livez", host + "Content-Length: 1\r\n") + "x", {413}, closes});
  v.push_back({"a body to an unknown path",
               get("/x", host + "Content-Length: 1\r\n") + "x",
               {413},
               closes});
  v.push_back(
      {"a chunked body", turn_with("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", {413}, closes});
  v.push_back(
      {"a CHUNKED body", turn_with("Transfer-Encoding: CHUNKED\r\n") + "0\r\n\r\n", {413}, closes});
  for (const char* fields : {"Content-Length: -1",
                             "Content-Length: +1",
                             "Content-Length: +0",
                             "Content-Length: 0x0",
                             "Content-Length: 1e1",
                             "Content-Length: 1.0",
                             "Content-Length: 0 0",
                             "Content-Length: 0,0",
                             "Content-Length: 0, 0",
                             "Content-Length: 0;",
                             "Content-Length:",
                             "Content-Length: ,",
                             "Content-Length: a",
                             "Content-Length: 18446744073709551616",
                             "Content-Length: 99999999999999999999",
                             "Content-Length: 0\r\nContent-Length: 0",
                             "Content-Length: 0\r\nContent-Length: 1",
                             "Content-Length: 1\r\nContent-Length: 0",
                             "Content-Length: 0\r\nTransfer-Encoding: chunked",
                             "Transfer-Encoding: chunked\r\nContent-Length: 0",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5",
                             "Transfer-Encoding: gzip",
                             "Transfer-Encoding: identity",
                             "Transfer-Encoding: xchunked",
                             "Transfer-Encoding: chunkedx",
                             "Transfer-Encoding: gzip, chunked",
                             "Transfer-Encoding: chunked, identity",
                             "Transfer-Encoding: chunked, chunked",
                             "Transfer-Encoding: chunked;q=1",
                             "Transfer-Encoding: \"chunked\"",
                             "Transfer-Encoding:",
                             "Transfer-Encoding: ,",
                             "Transfer-Encoding: \vchunked",
                             "Transfer-Encoding : chunked",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                             "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"})
    v.push_back({fields, turn_with(fields + crlf), {400}, closes});
  v.push_back({"HTTP/1.0 with a chunked body",
               request("GET /turno/v HTTP/1.0", host + "Transfer-Encoding: chunked\r\n"),
               {400},
               closes});
}

std::string post_with(const std::string& fields) {
  return request("POST /turno/v HTTP/1.1", host + fields);
}

// What only a POST may carry.
void add_bodies(vectors& v) {
  const std::string length = "Content-Length: ";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  v.push_back({"a small body", post_with(length + "2\r\n") + "{}", {200}, stays});
  v.push_back(
      {"a body of 1024", post_with(length + "1024\r\n") + std::string(1024, 'x'), {200}, stays});
  v.push_back(
      {"a body of 1025", post_with(length + "1025\r\n") + std::string(1025, 'x'), {413}, closes});
  v.push_back({"a body of 1025 that does not come", post_with(length + "1025\r\n"), {413}, closes});
  v.push_back({"a request behind a body",
               post_with(length + "2\r\n") + "{}" + get("/turno/v"),
               {200, 200},
               stays});
  v.push_back({"an empty line behind a body",
               post_with(length + "2\r\n") + "{}" + crlf + get("/turno/v"),
               {200, 200},
               stays});
  v.push_back({"a request as a body",
               post_with(length + std::to_string(get("/turno/v").size()) + crlf) + get("/turno/v"),
               {200},
               stays});
  v.push_back({"a body of HTTP/1.0",
               request("POST /turno/v HTTP/1.0", length + "2\r\n") + "{}",
               {200},
               closes});
  v.push_back({"a POST with a body to a probe",
               request("POST /livez HTTP/1.1", host + length + "2\r\n") + "{}",
               {405},
               stays});
  v.push_back({"a PUT with a body",
               request("PUT /turno/v HTTP/1.1", host + length + "2\r\n") + "{}",
               {413},
               closes});
  v.push_back({"an unknown method with a body",
               request("FOO /turno/v HTTP/1.1", host + length + "2\r\n") + "{}",
               {413},
               closes});
  v.push_back({"no chunks", post_with(chunked) + "0\r\n\r\n" + get("/turno/v"), {200, 200}, stays});
  v.push_back(
      {"no chunks with an extension", post_with(chunked) + "00;a=\"b\"\r\n\r\n", {200}, stays});
  v.push_back({"a chunk", post_with(chunked) + "1\r\nx\r\n0\r\n\r\n", {413}, closes});
  v.push_back({"a chunk that hides a request",
               post_with(chunked) + "2b\r\n" + get("/turno/v"),
               {413},
               closes});
  v.push_back({"a trailer field", post_with(chunked) + "0\r\nX: y\r\n\r\n", {413}, closes});
  v.push_back(
      {"an endless extension", post_with(chunked) + "0;" + std::string(300, 'x'), {413}, closes});
  for (const char* body : {"0\n\n", "0\r\n\n", "0 \r\n\r\n", "0x0\r\n\r\n", "\r\n\r\n",
                           "-0\r\n\r\n", "0;\r\n\r\n", "0;a\nb\r\n\r\n", "0\r\n \r\n", "0\r\n\rX"})
    v.push_back({"a last chunk of "s + body, post_with(chunked) + body, {400}, closes});
  v.push_back({"no chunks in HTTP/1.0",
               request("POST /turno/v HTTP/1.0", chunked) + "0\r\n\r\n",
               {400},
               closes});
  v.push_back({"no chunks of a length",
               post_with(chunked + length + "5\r\n") + "0\r\n\r\n",
               {400},
               closes});
}

}  // namespace

void add_body_vectors(std::vector<request_vector>& v) {
  add_framing(v);
  add_bodies(v);
}

}  // namespace turnomatic::support
