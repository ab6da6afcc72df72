#include "support/hostile_client.hpp"

#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <list>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using steady = std::chrono::steady_clock;
using end = tcp_client::end;

// What the server has to end by itself must have ended by then; its own timeouts are far below.
constexpr auto patience = 30s;

const std::string livez = "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n";

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

bool is_readable(const tcp_client& client, std::chrono::milliseconds within) {
  pollfd wanted{client.fd(), POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(within.count())) == 1;
}

// A server that leaves one client waiting would do so with hundreds: the attack is over then.
void read_to_good_end(tcp_client& client) {
  const end how = client.read_to_end();
  EXPECT_EQ(how, end::closed);
  if (how == end::timed_out)
    throw std::runtime_error{"the server does not end the connection"};
}

// The turns of an id that nobody else asks for: none may be lost, none taken twice.
class own_turns {
 public:
  own_turns(attacked_listener& at, std::string id) : at_{at}, id_{std::move(id)} {}

  void expect(const parsed_answers& parsed, std::size_t count) {
    EXPECT_EQ(parsed.statuses(), std::vector<int>(count, at_.turn_status()));
    EXPECT_EQ(parsed.rest, "");
    if (parsed.answers.size() < count)
      throw std::runtime_error{"answers are missing"};
    if (!at_.serves_turns())
      return;
    for (const http_answer& answer : parsed.answers)
      EXPECT_EQ(turn_of(answer.body, id_), ++last_) << answer.body;
    at_.touch(id_);
  }

 private:
  attacked_listener& at_;
  const std::string id_;
  std::uint64_t last_{0};
};

// A hello of TLS 1.2, as a browser would begin.
std::string tls_hello() {
  const std::string random(32, '\x5a');
  const std::string body = "\x03\x03"s + random + "\0\0\x02\x13\x01\x01\0"s;
  const auto size = static_cast<char>(body.size());
  const std::string handshake = "\x01\0\0"s + size + body;
  return "\x16\x03\x01\0"s + static_cast<char>(handshake.size()) + handshake;
}

void send_noise(attacked_listener& at) {
  std::mt19937 random{20260101};
  for (int round = 0; round < 300; ++round) {
    std::string noise(16 + random() % 8192, '\0');
    std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
    SCOPED_TRACE("noise " + std::to_string(round));
    EXPECT_EQ(ask_and_half_close(at, noise).statuses(), std::vector<int>{400});
  }
}

void use_odd_methods(attacked_listener& at) {
  std::string requests;
  std::vector<int> expected;
  for (const auto& [method, status] : {std::pair{"get"s, 501},
                                       {"Post"s, 501},
                                       {"FOO"s, 501},
                                       {std::string(900, 'M'), 501},
                                       {"PUT"s, 405},
                                       {"DELETE"s, 405},
                                       {"TRACE"s, 405},
                                       {"PROPFIND"s, 405}}) {
    requests += method + " /livez HTTP/1.1\r\nHost: h\r\n\r\n" + livez;
    expected.insert(expected.end(), {status, 200});  // the connection stays
  }
  EXPECT_EQ(ask_and_half_close(at, requests).statuses(), expected);
  expect_end_behind(at, std::string(10'000, 'M') + " /livez HTTP/1.1\r\nHost: h\r\n\r\n", {414});
}

// One answer, however much there is to discard.
void send_at_once(attacked_listener& at, const std::string& begin, std::size_t size, int status) {
  SCOPED_TRACE(begin);
  tcp_client client{at.port()};
  const std::string megabyte(1 << 20, 'x');
  // The server may be done with us before all is sent; the answer must be there all the same.
  for (bool open = client.send(begin); open && size > 0; size -= megabyte.size())
    open = client.send(megabyte);
  client.shutdown_send();
  EXPECT_NE(client.read_to_end(), end::timed_out);
  EXPECT_EQ(parse_answers(client.received()).statuses(), std::vector<int>{status});
}

struct endless_case {
  std::string begin;  ///< enough to be refused
  std::string more;
  int status;
};

// Who is refused and still sends is cut off when the server has discarded long enough.
void send_for_ever(attacked_listener& at, const std::vector<endless_case>& cases) {
  std::vector<tcp_client> clients;
  for (const endless_case& each : cases) {
    clients.emplace_back(at.port());
    EXPECT_TRUE(clients.back().send(each.begin));
    EXPECT_EQ(clients.back().read_answers(1).statuses(), std::vector<int>{each.status});
  }
  std::vector<bool> cut(cases.size());
  const auto until = steady::now() + patience;
  while (std::count(cut.begin(), cut.end(), false) > 0 && steady::now() < until) {
    for (std::size_t i = 0; i < cases.size(); ++i)
      cut[i] = cut[i] || !clients[i].send(cases[i].more);
    std::this_thread::sleep_for(2ms);
  }
  EXPECT_EQ(cut, std::vector<bool>(cases.size(), true));
}

// Non-blocking. False if the connection has ended.
bool send_more(const tcp_client& client, const std::string& requests, std::size_t& sent) {
  const std::size_t begin = sent % requests.size();
  const ssize_t size = ::send(client.fd(), requests.data() + begin, requests.size() - begin,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size < 0)
    return errno == EAGAIN;
  sent += static_cast<std::size_t>(size);
  return true;
}

}  // namespace

void attacked_listener::touch(const std::string& id) {
  const std::lock_guard lock{mutex_};
  touched_.insert(id);
}

void attacked_listener::touch_ids_of(const parsed_answers& parsed) {
  static const std::string begin = R"({"id":")";
  for (const http_answer& answer : parsed.answers) {
    if (answer.body.starts_with(begin))
      touch(answer.body.substr(begin.size(), answer.body.find('"', begin.size()) - begin.size()));
  }
}

std::set<std::string> attacked_listener::touched() const {
  const std::lock_guard lock{mutex_};
  return touched_;
}

std::string turn_request(const std::string& id) {
  return "POST /turno/" + id + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

parsed_answers expect_end_behind(attacked_listener& at, const std::string& bytes,
                                 const std::vector<int>& statuses, bool head_only) {
  tcp_client client{at.port()};
  EXPECT_TRUE(client.send(bytes + turn_request(forbidden_id)));
  read_to_good_end(client);
  parsed_answers parsed = parse_answers(client.received(), head_only);
  EXPECT_EQ(parsed.statuses(), statuses);
  EXPECT_EQ(parsed.rest, "");
  at.touch_ids_of(parsed);
  return parsed;
}

parsed_answers ask_and_half_close(attacked_listener& at, const std::string& bytes) {
  tcp_client client{at.port()};
  EXPECT_TRUE(client.send(bytes));
  client.shutdown_send();
  read_to_good_end(client);
  parsed_answers parsed = parse_answers(client.received());
  EXPECT_EQ(parsed.rest, "");
  at.touch_ids_of(parsed);
  return parsed;
}

void speak_something_else(attacked_listener& at) {
  const std::pair<std::string, int> spoken[] = {
      {"GET /livez\r\n", 400},
      {"GET /livez HTTP/0.9\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"s, 505},
      {tls_hello(), 400},
      {"SSH-2.0-OpenSSH_9.2\r\n", 400},
      {"EHLO localhost\r\n", 400},
      {"*1\r\n$4\r\nPING\r\n", 400},
      {"PROXY TCP4 127.0.0.1 127.0.0.1 4711 7017\r\n", 400},
      {"\r\n\r\n" + livez, 400},
      {repeated("\r\n", 1000), 400},
  };
  for (const auto& [bytes, status] : spoken) {
    SCOPED_TRACE(bytes);
    expect_end_behind(at, bytes, {status});
  }
  EXPECT_EQ(ask_and_half_close(at, "\r\n" + livez).statuses(), std::vector<int>{200});
  use_odd_methods(at);
  send_noise(at);
}

void send_too_much(attacked_listener& at) {
  const std::string head = "POST /turno/" + forbidden_id + " HTTP/1.1\r\nHost: h\r\n";
  send_at_once(at, head + "X: ", 1 << 20, 431);
  send_at_once(at, head + "Content-Length: 10485760\r\n\r\n", 10 << 20, 413);
  send_at_once(at, "", 1 << 20, 414);
  send_for_ever(at, {{head + "Transfer-Encoding: chunked\r\n\r\n1",
                      "000\r\n" + std::string(4096, 'x') + "\r\n", 413},
                     {std::string(1100, 'M'), std::string(4096, 'M'), 414},
                     {head + "X: " + std::string(9000, 'x'), std::string(4096, 'x'), 431}});
}

void send_in_pieces(attacked_listener& at) {
  own_turns turns{at, "pieces"};
  for (const char* request :
       {"GET /turno/pieces HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /turno/%70ieces HTTP/1.1\r\nHost:\r\n\r\n",
        "\r\nGET http://[::1]:7/turno/pieces?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /turno/pieces HTTP/1.0\r\nConnection: keep-alive\r\nX:\ty \r\n\r\n",
        "POST /turno/pieces HTTP/1.1\r\nHost: [::1]:7\r\nContent-Length: 0\r\n\r\n"}) {
    SCOPED_TRACE(request);
    const std::string text = request;
    tcp_client client{at.port()};
    const auto expect_turns = [&](std::size_t count) {
      turns.expect(client.read_answers(count), count);
      client.forget_received();
    };
    for (const char byte : text + text)
      EXPECT_TRUE(client.send({&byte, 1}));
    expect_turns(2);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      SCOPED_TRACE(cut);
      EXPECT_TRUE(client.send(text.substr(0, cut)));
      std::this_thread::sleep_for(200us);  // so that the halves arrive apart
      EXPECT_TRUE(client.send(text.substr(cut)));
      expect_turns(1);
    }
  }
}

void half_close(attacked_listener& at) {
  own_turns turns{at, "half"};
  const std::string good = turn_request("half");
  for (const std::size_t count : {1U, 2U, 64U, 500U})
    turns.expect(ask_and_half_close(at, repeated(good, count)), count);
  EXPECT_EQ(ask_and_half_close(at, "").statuses(), std::vector<int>{});
  const std::string bad = turn_request(forbidden_id);
  for (std::size_t size = 1; size < bad.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_EQ(ask_and_half_close(at, bad.substr(0, size)).statuses(), std::vector<int>{400});
  }
  // The answer that is behind is the last, and whole.
  parsed_answers both = ask_and_half_close(at, good + bad.substr(0, 20));
  ASSERT_EQ(both.statuses(), (std::vector<int>{at.turn_status(), 400}));
  both.answers.pop_back();
  turns.expect(both, 1);
}

void reset_everywhere(attacked_listener& at) {
  const std::string forbidden = turn_request(forbidden_id);
  const std::string request = turn_request("reset");
  const std::string pipeline = repeated(request, 64);
  if (at.serves_turns())
    at.touch("reset");
  for (std::size_t round = 0; round < 200; ++round) {
    tcp_client{at.port()}.reset();
    tcp_client within{at.port()};
    EXPECT_TRUE(within.send(forbidden.substr(0, 1 + round % (forbidden.size() - 1))));
    within.reset();
    tcp_client behind{at.port()};
    EXPECT_TRUE(behind.send(round % 2 == 0 ? request : pipeline));
    behind.reset();
    tcp_client half{at.port()};
    EXPECT_TRUE(half.send(pipeline));
    half.shutdown_send();
    half.reset();
    tcp_client within_answers{at.port()};
    EXPECT_TRUE(within_answers.send(pipeline));
    EXPECT_TRUE(is_readable(within_answers, tcp_client::patience));
    std::array<char, 7> few;
    EXPECT_EQ(::recv(within_answers.fd(), few.data(), few.size(), MSG_DONTWAIT), 7);
    EXPECT_TRUE(within_answers.send(pipeline));
    within_answers.reset();
  }
}

void never_read(attacked_listener& at) {
  const std::string request =
      at.serves_turns() ? turn_request("unread") : "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";
  if (at.serves_turns())
    at.touch("unread");
  const std::string requests = repeated(request, 500);
  std::vector<tcp_client> clients;
  for (std::size_t i = 0; i < unread_connections; ++i) {
    clients.emplace_back(at.port());
    const int smallest = 1;  // the kernel makes of it the least it can
    ::setsockopt(clients.back().fd(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
  }
  std::vector<std::size_t> sent(clients.size());
  std::vector<bool> cut(clients.size());
  const auto until = steady::now() + patience;
  while (std::count(cut.begin(), cut.end(), false) > 0 && steady::now() < until) {
    for (std::size_t i = 0; i < clients.size(); ++i)
      cut[i] = cut[i] || !send_more(clients[i], requests, sent[i]);
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(cut, std::vector<bool>(clients.size(), true));
}

void drip(attacked_listener& at) {
  const std::string begin = "POST /turno/" + forbidden_id + " HTTP/1.1\r\nHost: h\r\nX: ";
  std::list<tcp_client> clients;
  for (std::size_t i = 0; i < dripping_connections; ++i)
    clients.emplace_back(at.port());
  const auto until = steady::now() + patience;
  for (std::size_t at_byte = 0; !clients.empty() && steady::now() < until; ++at_byte) {
    const std::string byte{at_byte < begin.size() ? begin[at_byte] : 'x'};
    for (tcp_client& client : clients)
      client.send(byte);
    std::this_thread::sleep_for(100ms);
    std::erase_if(clients, [](tcp_client& client) {
      if (!is_readable(client, 0ms))
        return false;
      read_to_good_end(client);
      EXPECT_EQ(parse_answers(client.received()).statuses(), std::vector<int>{408});
      return true;
    });
  }
  EXPECT_EQ(clients.size(), 0U) << "never refused";
}

}  // namespace turnomatic::support
