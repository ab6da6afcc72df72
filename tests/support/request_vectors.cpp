#include "support/request_vectors.hpp"

#include "support/request_vector_parts.hpp"

#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::string_literals;
using namespace vector_parts;
using vectors = std::vector<request_vector>;

// A turn whose request line is `size` bytes long.
std::string line_of(std::size_t size) {
  const std::string begin = "GET /turno/v?";
  const std::string end = " HTTP/1.1";
  return begin + std::string(size - begin.size() - end.size(), 'q') + end;
}
// Field lines of `size` bytes in all, Host included.
std::string header_of(std::size_t size) {
  const std::string begin = host + "X: ";
  return begin + std::string(size - begin.size() - 2, 'x') + crlf;
}
std::string fields_of(int count) {
  std::string fields = host;
  for (int i = 1; i < count; ++i)
    fields += "X-" + std::to_string(i) + ": y\r\n";
  return fields;
}
std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += text;
  return all;
}

void add_methods(vectors& v) {
  v.push_back({"GET takes a turn", get("/turno/v"), {200}, stays});
  v.push_back({"POST takes a turn", request("POST /turno/v HTTP/1.1"), {200}, stays});
  for (const char* method :
       {"HEAD", "PUT", "DELETE", "PATCH", "TRACE", "PURGE", "LOCK", "PROPFIND", "SEARCH", "LINK"})
    v.push_back({method + " on a turn is not allowed"s,
                 request(method + " /turno/v HTTP/1.1"s),
                 {405},
                 stays});
  v.push_back({"OPTIONS of a turn", request("OPTIONS /turno/v HTTP/1.1"), {204}, stays});
  v.push_back({"a preflight",
               request("OPTIONS /turno/v HTTP/1.1",
                       host + "Origin: http://h\r\nAccess-Control-Request-Method: GET\r\n"),
               {204},
               stays});
  v.push_back({"OPTIONS of no id", request("OPTIONS /turno/% HTTP/1.1"), {204}, stays});
  for (const char* method : {"get", "Get", "GETT", "FOO", "G", "QUERY", "X-1", "a!#$%&'*+-.^_`|~9"})
    v.push_back(
        {"the unknown method "s + method, request(method + " /turno/v HTTP/1.1"s), {501}, stays});
  v.push_back({"an unknown method on an unknown path", request("FOO /x HTTP/1.1"), {501}, stays});
  v.push_back({"CONNECT", request("CONNECT localhost:80 HTTP/1.1"), {405}, closes});
  v.push_back({"CONNECT without a port", request("CONNECT localhost HTTP/1.1"), {400}, closes});
  v.push_back({"CONNECT to a path", request("CONNECT /turno/v HTTP/1.1"), {400}, closes});
  v.push_back({"OPTIONS of the server", request("OPTIONS * HTTP/1.1"), {405}, closes});
  v.push_back({"GET of the server", request("GET * HTTP/1.1"), {400}, closes});
  v.push_back({"a method that is no token", request("G(T /turno/v HTTP/1.1"), {400}, closes});
  v.push_back({"a method with a colon", request("GET: /turno/v HTTP/1.1"), {400}, closes});
  v.push_back(
      {"a method with a non-ASCII byte", request("G\xc3\xa9T /turno/v HTTP/1.1"), {400}, closes});
  v.push_back({"no method", request(" /turno/v HTTP/1.1"), {400}, closes});
  v.push_back({"GET of a probe", get("/livez"), {200}, stays});
  v.push_back({"HEAD of a probe", request("HEAD /livez HTTP/1.1"), {200}, stays});
  v.push_back({"HEAD without Host", request("HEAD /livez HTTP/1.1", ""), {400}, closes});
  v.push_back({"HEAD with a body",
               request("HEAD /livez HTTP/1.1", host + "Content-Length: 3\r\n"),
               {413},
               closes});
  v.push_back({"HEAD of another version", request("HEAD /livez HTTP/2.0"), {505}, closes});
  v.push_back({"POST to a probe", request("POST /livez HTTP/1.1"), {405}, stays});
}

void add_paths(vectors& v) {
  for (const char* target :
       {"/turno/%67rupo7", "/turno/%76", "/turno/v?", "/turno/v?turno=9&id=x", "/turno/v?a/b/c",
        "/turno/v?%zz", "/turno/.", "/turno/..", "/turno/%2e%2E", "/turno/~._-", "/livez?x",
        "/readyz", "/health", "/degraded"})
    v.push_back({"path "s + target, get(target), {200}, stays});
  for (const char* target :
       {"/turno/",           "/turno/?x",    "/turno/%",     "/turno/%6",       "/turno/%zz",
        "/turno/a%2Fb",      "/turno/a%00b", "/turno/a%20b", "/turno/a%0d%0ab", "/turno/%C3%A9",
        "/turno/%2567rupo7", "/turno/a+b",   "/turno/a;b",   "/turno/a:b",      "/turno/a@b",
        "/turno/a*b",        "/turno/a,b",   "/turno/a=b",   "/turno/{id}",     "/turno/a\"b",
        "/turno/a\\b",       "/turno/a'b"})
    v.push_back({"path "s + target, get(target), {400}, stays});
  for (const char* target :
       {"/", "/?/turno/v", "//", "/turno", "/turno?id=v", "//turno/v", "/turno//v", "/turno/v/",
        "/turno/v/w", "/turno/../livez", "/Turno/v", "/TURNO/v", "/turnos/v", "/turno%2Fv",
        "/livez/", "/metrics", "/admin/counters", "/favicon.ico"})
    v.push_back({"path "s + target, get(target), {404}, stays});
  v.push_back({"an id of 64", get("/turno/" + std::string(64, 'x')), {200}, stays});
  v.push_back({"an id of 65", get("/turno/" + std::string(65, 'x')), {400}, stays});
  v.push_back({"an id of 64 escapes", get("/turno/" + repeated("%78", 64)), {200}, stays});
  v.push_back({"an id of 65 escapes", get("/turno/" + repeated("%78", 65)), {400}, stays});
}

void add_targets(vectors& v) {
  const std::pair<const char*, int> good[] = {
      {"http://localhost/turno/v", 200},   {"http://localhost:7017/turno/v", 200},
      {"HTTP://localhost/turno/v", 200},   {"https://example.org/turno/v?x", 200},
      {"http://[::1]:7017/turno/v", 200},  {"http://127.0.0.1/livez", 200},
      {"http://localhost:/turno/v", 200},  {"http://localhost", 404},
      {"http://localhost?x", 404},         {"http://localhost/", 404},
      {"http://localhost/turno/%67", 200}, {"http://a%2Db/turno/v", 200},
  };
  for (const auto& [target, status] : good)
    v.push_back({"absolute form "s + target, get(target), {status}, stays});
  for (const char* target :
       {"http:///turno/v", "http://:80/turno/v", "http://user@host/turno/v", "http://h:x/turno/v",
        "http://h:123456/turno/v", "http://[::1/turno/v", "http://[]/turno/v", "http://[::g]/v",
        "http://a%2/turno/v", "http:/turno/v", "ftp://h/turno/v", "://h/turno/v", "turno/v",
        "localhost:7017", "?x", "**", "%2Fturno/v", "http://h[1]/turno/v"})
    v.push_back({"no target "s + target, get(target), {400}, closes});
  v.push_back({"a fragment", get("/turno/v#x"), {400}, closes});
  v.push_back({"a lone number sign", get("#"), {400}, closes});
  v.push_back({"a non-ASCII byte in the path", get("/turno/\xc3\xa9"), {400}, closes});
  v.push_back({"a byte of 0xff in the path", get("/turno/\xff"), {400}, closes});
  v.push_back({"a byte of 0xff in the query", get("/turno/v?\xff"), {400}, closes});
  v.push_back({"NUL in the path", get("/turno/a\0b"s), {400}, closes});
  v.push_back({"DEL in the path",
               get("/turno/a\x7f"
                   "b"),
               {400},
               closes});
  v.push_back({"ESC in the query", get("/turno/v?\x1b[31m"), {400}, closes});
  v.push_back({"tab in the path", get("/turno/a\tb"), {400}, closes});
  v.push_back({"space in the path", get("/turno/a b"), {400}, closes});
  v.push_back({"CR in the path", get("/turno/a\rb"), {400}, closes});
}

void add_request_lines(vectors& v) {
  v.push_back({"one empty line before the request", crlf + get("/turno/v"), {200}, stays});
  v.push_back({"two empty lines before the request", crlf + crlf + get("/turno/v"), {400}, closes});
  v.push_back({"a lone LF before the request", "\n" + get("/turno/v"), {400}, closes});
  v.push_back({"a lone CR before the request", "\r" + get("/turno/v"), {400}, closes});
  for (const char* line : {"GET /turno/v",           "GET",
                           "/turno/v HTTP/1.1",      "GET  /turno/v HTTP/1.1",
                           "GET /turno/v  HTTP/1.1", "GET /turno/v HTTP/1.1 ",
                           " GET /turno/v HTTP/1.1", "GET\t/turno/v HTTP/1.1",
                           "GET /turno/v\tHTTP/1.1", "GET /turno/v HTTP/1.1\t",
                           "GET /turno/v http/1.1",  "GET /turno/v HTTP/1",
                           "GET /turno/v HTTP/1.",   "GET /turno/v HTTP/11",
                           "GET /turno/v HTTP/1.10", "GET /turno/v HTTP/01.1",
                           "GET /turno/v HTTP/a.b",  "GET /turno/v HTTPS/1.1",
                           "GET /turno/v HTTP 1.1",  "GET /turno/v ICY",
                           "GET /turno/v x HTTP/1.1"})
    v.push_back({"request line \""s + line + "\"", request(line), {400}, closes});
  for (const char* version : {"HTTP/1.2", "HTTP/1.9"})
    v.push_back({"version "s + version, request("GET /turno/v "s + version), {200}, stays});
  for (const char* version : {"HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"})
    v.push_back({"version "s + version, request("GET /turno/v "s + version), {505}, closes});
  v.push_back({"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}, closes});
  v.push_back({"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, {400}, closes});
  v.push_back({"a request line of 1024", request(line_of(1024)), {200}, stays});
  v.push_back({"a request line of 1025", request(line_of(1025)), {414}, closes});
  v.push_back({"a request line of 9000", request(line_of(9000)), {414}, closes});
  v.push_back({"an endless request line", std::string(1026, 'A'), {414}, closes});
  v.push_back({"LF at the end of the request line",
               "GET /turno/v HTTP/1.1\n" + host + crlf,
               {400},
               closes});
}

void add_fields(vectors& v) {
  v.push_back({"an empty field value", turn_with("X:\r\n"), {200}, stays});
  v.push_back({"white space around a value", turn_with("X: \t y \t\r\n"), {200}, stays});
  v.push_back({"no white space before a value", turn_with("X:y\r\n"), {200}, stays});
  v.push_back({"obs-text in a value", turn_with("X: \xc3\xa9\xff\r\n"), {200}, stays});
  v.push_back({"tab in a value", turn_with("X: a\tb\r\n"), {200}, stays});
  v.push_back({"every character of a token in a name",
               turn_with("!#$%&'*+-.^_`|~aZ09: y\r\n"),
               {200},
               stays});
  const std::pair<const char*, std::string> bad[] = {
      {"line folding", "X: a\r\n b\r\n"},
      {"line folding with a tab", "X: a\r\n\tb\r\n"},
      {"line folding of an empty value", "X:\r\n y\r\n"},
      {"a blank line of white space", "X: a\r\n \r\n"},
      {"white space before the colon", "X : y\r\n"},
      {"a tab before the colon", "X\t: y\r\n"},
      {"no colon", "X\r\n"},
      {"an empty name", ": y\r\n"},
      {"a space in a name", "X Y: z\r\n"},
      {"a slash in a name", "X/Y: z\r\n"},
      {"a bracket in a name", "X(Y): z\r\n"},
      {"a non-ASCII byte in a name", "X\xc3\xa9: z\r\n"},
      {"NUL in a name", "X\0Y: z\r\n"s},
      {"NUL in a value", "X: a\0b\r\n"s},
      {"ESC in a value", "X: a\x1b[0mb\r\n"},
      {"DEL in a value", "X: a\x7f\r\n"},
      {"a lone CR in a value", "X: a\rb\r\n"},
      {"two CRs at the end of a line", "X: a\r\r\n"},
      {"a lone LF at the end of a line", "X: a\nY: b\r\n"},
      {"a malformed Connection", "Connection: @\r\n"},
  };
  for (const auto& [name, fields] : bad)
    v.push_back({name, turn_with(fields), {400}, closes});
  v.push_back({"white space before the first field",
               "GET /turno/v HTTP/1.1\r\n Host: localhost\r\n\r\n",
               {400},
               closes});
  v.push_back({"a lone LF at the end of the header",
               "GET /turno/v HTTP/1.1\r\nHost: localhost\r\n\n",
               {400},
               closes});
  v.push_back({"64 fields", get("/turno/v", fields_of(64)), {200}, stays});
  v.push_back({"65 fields", get("/turno/v", fields_of(65)), {431}, closes});
  v.push_back({"a header of 8192", get("/turno/v", header_of(8192)), {200}, stays});
  v.push_back({"a header of 8193", get("/turno/v", header_of(8193)), {431}, closes});
  v.push_back({"a header of 60000", get("/turno/v", header_of(60000)), {431}, closes});
  v.push_back({"the longest line and header at once",
               request(line_of(1024), header_of(8192)),
               {200},
               stays});
}

void add_hosts(vectors& v) {
  for (const char* value :
       {"", "h", "example.org", "example.org:80", "example.org:", "127.0.0.1:7017", "[::1]",
        "[::1]:7017", "a_b", "a,b", "a%2Db", "h:00080"})
    v.push_back(
        {"Host \""s + value + "\"", get("/turno/v", "Host: "s + value + crlf), {200}, stays});
  for (const char* value : {"a b", "a/b", "user@h", "h:x", "h:80:80", "h:123456", ":80", "[::1",
                            "::1", "[]", "[::1]x", "a\xc3\xa9", "a%2", "http://h", "h?x", "h#x"})
    v.push_back(
        {"Host \""s + value + "\"", get("/turno/v", "Host: "s + value + crlf), {400}, closes});
  v.push_back({"no Host", get("/turno/v", ""), {400}, closes});
  v.push_back({"two Hosts", get("/turno/v", host + host), {400}, closes});
  v.push_back({"two Hosts that differ", get("/turno/v", host + "hOST: other\r\n"), {400}, closes});
  v.push_back({"no Host in absolute form", get("http://h/turno/v", ""), {400}, closes});
  v.push_back(
      {"another Host in absolute form", get("http://h/turno/v", "Host: other\r\n"), {200}, stays});
  v.push_back({"HTTP/1.0 without Host", request("GET /turno/v HTTP/1.0", ""), {200}, closes});
  v.push_back(
      {"HTTP/1.0 with two Hosts", request("GET /turno/v HTTP/1.0", host + host), {400}, closes});
}

void add_browsers(vectors& v) {
  const std::string other = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: ";
  v.push_back({"a page of another origin", turn_with(other + "cors\r\n"), {403}, stays});
  v.push_back({"an image", turn_with(other + "no-cors\r\n"), {403}, stays});
  v.push_back({"a link", turn_with(other + "navigate\r\n"), {200}, stays});
  v.push_back({"a prefetch", turn_with("Sec-Purpose: prefetch\r\n"), {403}, stays});
  v.push_back({"early data", turn_with("Early-Data: 1\r\n"), {425}, stays});
  v.push_back({"an Origin", turn_with("Origin: http://h\r\n"), {200}, stays});
}

void add_connections(vectors& v) {
  const std::string close = "Connection: close\r\n";
  const std::string keep = "Connection: keep-alive\r\n";
  v.push_back({"Connection close", turn_with(close), {200}, closes});
  v.push_back({"Connection CLOSE", turn_with("Connection: CLOSE\r\n"), {200}, closes});
  v.push_back({"close among others", turn_with("Connection: x, close ,y\r\n"), {200}, closes});
  v.push_back({"close in the second field", turn_with(keep + close), {200}, closes});
  v.push_back({"Connection keep-alive", turn_with(keep), {200}, stays});
  v.push_back({"close with an error", get("/x", host + close), {404}, closes});
  v.push_back(
      {"close with an unknown method", request("FOO / HTTP/1.1", host + close), {501}, closes});
  v.push_back({"an upgrade is ignored",
               turn_with("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
               {200},
               stays});
  v.push_back({"HTTP/1.0", request("GET /turno/v HTTP/1.0"), {200}, closes});
  v.push_back(
      {"HTTP/1.0 with keep-alive", request("GET /turno/v HTTP/1.0", host + keep), {200}, stays});
  v.push_back({"HTTP/1.0 with keep-alive and close",
               request("GET /turno/v HTTP/1.0", keep + close),
               {200},
               closes});
  const std::string foreign = "Proxy-Connection: ";
  v.push_back({"HTTP/1.0 with Proxy-Connection",
               request("GET /turno/v HTTP/1.0", foreign + "keep-alive\r\n"),
               {200},
               closes});
  v.push_back({"Proxy-Connection close", turn_with(foreign + "close\r\n"), {200}, stays});
  v.push_back({"a malformed Proxy-Connection", turn_with(foreign + "@\r\n"), {200}, stays});
  v.push_back(
      {"nothing behind close is executed", turn_with(close) + get("/turno/v"), {200}, closes});
}

void add_pipelines(vectors& v) {
  v.push_back({"three at once", repeated(get("/turno/v"), 3), {200, 200, 200}, stays});
  v.push_back({"64 at once", repeated(get("/turno/v"), 64), std::vector<int>(64, 200), stays});
  v.push_back({"65 at once", repeated(get("/turno/v"), 65), std::vector<int>(65, 200), stays});
  v.push_back({"500 at once", repeated(get("/turno/v"), 500), std::vector<int>(500, 200), stays});
  v.push_back({"answers in order",
               get("/turno/v") + get("/x") + get("/turno/%") + get("/livez"),
               {200, 404, 400, 200},
               stays});
  v.push_back(
      {"an empty line between", get("/turno/v") + crlf + get("/turno/v"), {200, 200}, stays});
  v.push_back({"a refused one ends it",
               get("/turno/v") + get("/turno/v", "") + get("/turno/v"),
               {200, 400},
               closes});
  v.push_back({"nothing behind a body is executed",
               turn_with("Content-Length: 40\r\n") + get("/turno/v"),
               {413},
               closes});
  v.push_back({"a request hidden in a chunked body",
               turn_with("Transfer-Encoding: chunked\r\n") + "2b\r\n" + get("/turno/v"),
               {413},
               closes});
  v.push_back({"garbage behind a request", get("/turno/v") + "\x01\x02\x03", {200, 400}, closes});
}

}  // namespace

const std::vector<request_vector>& request_vectors() {
  static const vectors all = [] {
    vectors v;
    add_methods(v);
    add_paths(v);
    add_targets(v);
    add_request_lines(v);
    add_fields(v);
    add_hosts(v);
    add_body_vectors(v);
    add_browsers(v);
    add_connections(v);
    add_pipelines(v);
    return v;
  }();
  return all;
}

}  // namespace turnomatic::support
