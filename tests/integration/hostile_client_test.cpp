// Hostile clients do everything bad at once while a load of turns is made and proven: the load
// must not notice, and every turn that the hostile took must be accounted for.
#include "support/hostile_client.hpp"

#include "load/run.hpp"
#include "support/request_vectors.hpp"
#include "support/sanitized.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t load_ids = 8;
constexpr std::size_t idle_callers = 1000;
constexpr std::size_t idle_operators = 100;  // of the 256 that their listener takes
constexpr std::size_t peak_growth_max_kib = 32 * 1024;

const std::string gauge = "turnomatic_http_connections";
const std::string operators = "turnomatic_worker_connections{worker=\"operations\"}";
const std::string issued = "turnomatic_turns_issued_total{backend=\"memory\"}";
const std::string burned = "turnomatic_turns_burned_total{reason=\"client_gone\"}";

std::string load_id(std::size_t index) {
  return "load-" + std::to_string(index);
}

// ---- attacks on what only callers are served

// Each request vector that ends its connection, with a good request behind it.
void end_every_connection(attacked_listener& at) {
  for (const request_vector& v : request_vectors()) {
    if (!v.closes)
      continue;
    SCOPED_TRACE(v.name);
    expect_end_behind(at, v.bytes, v.statuses, v.bytes.starts_with("HEAD "));
  }
}

// What must come back for `/turno/` and this segment.
void expect_segment(attacked_listener& at, const std::string& segment, int status,
                    const std::string& what) {
  SCOPED_TRACE(testing::PrintToString(segment));
  const bool closes = what == "malformed-request";
  const std::string request = "GET /turno/" + segment + " HTTP/1.1\r\nHost: h\r\n\r\n";
  const parsed_answers parsed =
      closes ? expect_end_behind(at, request, {status})
             : ask_and_half_close(at, request + "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(parsed.statuses(), closes ? std::vector{status} : (std::vector{status, 200}));
  const std::string& body = parsed.answers[0].body;
  if (status == 200)
    EXPECT_GT(turn_of(body, what), 0U) << body;
  else
    EXPECT_TRUE(body.starts_with("{\"type\":\"urn:turnomatic:problem:" + what + '"')) << body;
}

bool is_id_character(int byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         (byte >= '0' && byte <= '9') ||
         (byte != 0 && std::string{"._~-"}.find(static_cast<char>(byte)) != std::string::npos);
}

void try_every_byte_as_an_id(attacked_listener& at) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string raw(1, static_cast<char>(byte));
    const char* const digits = byte % 2 == 0 ? "0123456789abcdef" : "0123456789ABCDEF";
    const std::string encoded = {'%', digits[byte / 16], digits[byte % 16]};
    if (is_id_character(byte)) {
      expect_segment(at, raw, 200, raw);
      expect_segment(at, encoded, 200, raw);
      continue;
    }
    expect_segment(at, encoded, 400, "invalid-id");
    if (byte <= ' ' || byte >= 0x7f || byte == '#')
      expect_segment(at, raw, 400, "malformed-request");
    else if (byte == '/')
      expect_segment(at, raw, 404, "not-found");
    else
      expect_segment(at, raw, 400, "invalid-id");
  }
}

void try_odd_ids(attacked_listener& at) {
  const std::string longest(64, 'i');
  std::string escapes;
  for (std::size_t i = 0; i < longest.size(); ++i)
    escapes += "%69";
  const std::pair<std::string, std::string> good[] = {
      {longest, longest}, {escapes, longest},   {"odd?b", "odd"}, {"odd?", "odd"},
      {".", "."},         {"..", ".."},         {"%2e%2E", ".."}, {"%41%62", "Ab"},
      {"odd?%zz", "odd"}, {"odd?/../x", "odd"}, {"%6Fdd", "odd"}, {"odd??&=", "odd"},
  };
  for (const auto& [segment, id] : good)
    expect_segment(at, segment, 200, id);
  // Overlong forms are of UTF-8: two, three and four bytes for a full stop, two for an `a`.
  for (const std::string& segment : {longest + 'i',
                                     escapes + 'i',
                                     escapes + "%69",
                                     std::string(900, 'i'),
                                     std::string{"?odd"},
                                     std::string{},
                                     std::string{"%"},
                                     std::string{"%6"},
                                     std::string{"%zz"},
                                     std::string{"%6z"},
                                     std::string{"%%61"},
                                     std::string{"%u0061"},
                                     std::string{"%00"},
                                     std::string{"odd%00"},
                                     std::string{"%2F"},
                                     std::string{"%2f"},
                                     std::string{"odd%2Fb"},
                                     std::string{"%2561"},
                                     std::string{"%252F"},
                                     std::string{"%C0%AE"},
                                     std::string{"%E0%80%AE"},
                                     std::string{"%F0%80%80%AE"},
                                     std::string{"%C1%A1"},
                                     std::string{"%C3%A9"},
                                     std::string{"%EF%BC%A1"},
                                     std::string{"%20"},
                                     std::string{"odd+"},
                                     std::string{"a%23b"},
                                     std::string{"a%3Fb"},
                                     std::string{"a%0d%0aHost:%20x"}})
    expect_segment(at, segment, 400, "invalid-id");
  for (const char* segment : {"odd#b", "odd#", "#", "odd?#", "\xc3\xa9", "\xc0\xae", "\xef\xbc\xa1",
                              "odd?\xff", "odd odd", "odd\tb"})
    expect_segment(at, segment, 400, "malformed-request");
  for (const char* segment : {"odd/", "odd/b", "/", "/odd", "../turno/odd", "odd/?b"})
    expect_segment(at, segment, 404, "not-found");
}

// ---- what goes on meanwhile

// Turns of eight ids over sixteen connections, with their proof, until told to end.
class steady_load {
 public:
  explicit steady_load(const server_process& server) {
    bench::run_order order;
    order.how.targets = {target_at(server.port())};
    order.operators = {target_at(server.operations_port())};
    for (std::size_t i = 0; i < load_ids; ++i)
      order.how.ids.push_back(load_id(i));
    order.how.connections = 16;
    order.how.post = true;
    order.how.rate = 5000;
    order.how.duration = 90s;  // a bound
    order.how.deadline = 30s;
    running_ = std::async(std::launch::async, [this, order] { return bench::run(order, stop_); });
  }
  ~steady_load() { stop_ = true; }
  steady_load(const steady_load&) = delete;
  steady_load& operator=(const steady_load&) = delete;

  bench::run_result finish() {
    stop_ = true;
    auto result = running_.get();
    if (!result)
      throw std::runtime_error{result.error().message};
    return std::move(*result);
  }

 private:
  static bench::target target_at(std::uint16_t port) {
    bench::target where = *bench::parse_target("http://127.0.0.1:" + std::to_string(port));
    if (const auto found = bench::find_address(where, 10s); !found)
      throw std::runtime_error{found.error().message};
    return where;
  }

  std::atomic<bool> stop_{false};
  std::future<boost::system::result<bench::run_result, bench::complaint>> running_;
};

// The ids of the load are its own: what the hostile burn must not explain a gap of its.
void expect_undisturbed(const bench::run_result& found) {
  EXPECT_EQ(found.proof.violations(), 0U);
  EXPECT_GT(found.proof.turns, 0U);
  EXPECT_EQ(found.proof.missing, 0U);
  EXPECT_EQ(found.proof.unknown_outcomes, 0U);
  EXPECT_EQ(found.statuses, (std::map<int, std::uint64_t>{{200, found.proof.turns}}));
  EXPECT_EQ(found.failures, (std::array<std::uint64_t, bench::failure_kinds>{}));
  EXPECT_TRUE(found.burned.has_value());
}

using attack = void (*)(attacked_listener&);

// All at once, each on a thread of its own; until the last is over the server must go on
// answering. Returns how many turns of `probe` were taken to see that.
std::uint64_t let_loose(const std::vector<attack>& attacks, attacked_listener& at,
                        const server_process& server) {
  std::vector<std::future<void>> running;
  for (const attack each : attacks)
    running.push_back(std::async(std::launch::async, each, std::ref(at)));
  std::uint64_t turns = 0;
  for (const std::future<void>& each : running) {
    do {
      EXPECT_EQ(server.get("/livez").status, 200);
      EXPECT_EQ(turn_of(server.get("/turno/probe").body, "probe"), ++turns);
      EXPECT_EQ(server.operations("/livez").status, 200);
    } while (each.wait_for(20ms) != std::future_status::ready);
  }
  for (std::future<void>& each : running)
    each.get();
  return turns;
}

// Connections that have asked once, say nothing more, and are told nothing more.
class idle_crowd {
 public:
  idle_crowd(std::uint16_t port, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      tcp_client& each = clients_.emplace_back(port);
      each.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
      EXPECT_EQ(each.read_answers(1).statuses(), std::vector<int>{200});
    }
  }
  [[nodiscard]] std::size_t undisturbed() const {
    return static_cast<std::size_t>(
        std::count_if(clients_.begin(), clients_.end(), [](const tcp_client& client) {
          pollfd wanted{client.fd(), POLLIN, 0};
          return ::poll(&wanted, 1, 0) == 0;
        }));
  }
  void leave() { clients_.clear(); }

 private:
  std::vector<tcp_client> clients_;
};

// ---- before and after

// Here and, by inheritance, in the server.
bool may_open_files(rlim_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur >= wanted;
}

// The most memory that was ever resident.
std::size_t peak_kib(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string word; file >> word;) {
    std::size_t size = 0;
    if (word == "VmHWM:" && file >> size)
      return size;
  }
  throw std::runtime_error{"no VmHWM"};
}

void expect_little_growth(pid_t pid, std::size_t before) {
  if (!support::is_sanitized) {  // its memory would say nothing
    EXPECT_LT(peak_kib(pid), before + peak_growth_max_kib);
  }
}

// Takes one more turn of each id: the last turns add up to all that were taken.
void expect_every_turn_accounted_for(const server_process& server,
                                     const std::set<std::string>& ids) {
  std::uint64_t taken = 0;
  for (const std::string& id : ids) {
    const http_answer answer = server.get("/turno/" + id);
    const std::uint64_t turn = turn_of(answer.body, id);
    EXPECT_GT(turn, 1U) << answer.body;
    taken += turn;
  }
  EXPECT_EQ(server.metric("turnomatic_counters{backend=\"memory\"}"), ids.size());
  const double gone = server.metric(burned);
  EXPECT_TRUE(server.metric_becomes(issued, static_cast<double>(taken) - gone))
      << taken << " taken, " << server.metric(issued) << " issued, " << gone << " burned";
}

void expect_end_in_good_order(server_process& server) {
  server.process().signal(SIGTERM);
  const auto end = server.process().wait(30s);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->exited);
  EXPECT_EQ(end->code, 0) << server.process().read_rest(1s);
}

const std::vector<std::string> short_timeouts{
    "--workers",     "2",  "--http-header-timeout", "2s", "--http-write-timeout", "1s",
    "--drain-delay", "0ms"};

TEST(hostile_clients, do_not_disturb_turns_and_every_turn_of_theirs_is_accounted_for) {
  if (!may_open_files(idle_callers + 500))
    GTEST_SKIP() << "not allowed to open " << idle_callers + 500 << " files";
  server_process server{short_timeouts};
  const pid_t pid = server.process().pid();
  const std::size_t memory = peak_kib(pid);
  idle_crowd idle{server.port(), idle_callers};
  ASSERT_TRUE(server.metric_becomes(gauge, idle_callers));

  steady_load load{server};
  attacked_listener at{server.port(), listener_kind::callers};
  let_loose({end_every_connection, try_every_byte_as_an_id, try_odd_ids, speak_something_else,
             send_too_much, send_in_pieces, half_close, reset_everywhere, never_read, drip},
            at, server);
  expect_undisturbed(load.finish());

  EXPECT_EQ(idle.undisturbed(), idle_callers);
  EXPECT_TRUE(server.metric_becomes(gauge, idle_callers)) << server.metric(gauge);
  idle.leave();
  EXPECT_TRUE(server.metric_becomes(gauge, 0)) << server.metric(gauge);
  EXPECT_EQ(server.metric(gauge + "_closed_total{reason=\"write_timeout\"}"), unread_connections);
  EXPECT_EQ(server.metric(gauge + "_closed_total{reason=\"read_timeout\"}"), dripping_connections);
  // Each of those that did not read was cut within an answer.
  EXPECT_GE(server.metric(burned), unread_connections);

  std::set<std::string> ids = at.touched();
  EXPECT_FALSE(ids.contains(forbidden_id));
  ids.insert("probe");
  for (std::size_t i = 0; i < load_ids; ++i)
    ids.insert(load_id(i));
  expect_every_turn_accounted_for(server, ids);
  EXPECT_EQ(turn_of(server.get("/turno/" + forbidden_id).body, forbidden_id), 1U)
      << "a request behind a refused one was executed";
  expect_little_growth(pid, memory);
  EXPECT_EQ(server.get("/readyz").status, 200);
  expect_end_in_good_order(server);
}

TEST(hostile_clients, of_the_operations_listener_do_not_disturb_turns) {
  server_process server{short_timeouts};
  const pid_t pid = server.process().pid();
  const std::size_t memory = peak_kib(pid);
  idle_crowd idle{server.operations_port(), idle_operators};
  ASSERT_TRUE(server.metric_becomes(operators, idle_operators + 1));  // and the scrape

  steady_load load{server};
  attacked_listener at{server.operations_port(), listener_kind::operators};
  const std::uint64_t probed = let_loose({speak_something_else, send_too_much, send_in_pieces,
                                          half_close, reset_everywhere, never_read, drip},
                                         at, server);
  const bench::run_result found = load.finish();
  expect_undisturbed(found);

  EXPECT_EQ(idle.undisturbed(), idle_operators);
  idle.leave();
  EXPECT_TRUE(server.metric_becomes(operators, 1)) << server.metric(operators);
  EXPECT_EQ(server.metric(gauge + "_closed_total{reason=\"write_timeout\"}"), unread_connections);
  EXPECT_EQ(server.metric(gauge + "_closed_total{reason=\"read_timeout\"}"), dripping_connections);
  EXPECT_EQ(server.metric(issued), static_cast<double>(found.proof.turns + probed));
  EXPECT_EQ(server.metric(burned), 0);
  EXPECT_EQ(server.metric("turnomatic_counters{backend=\"memory\"}"), load_ids + 1);
  expect_little_growth(pid, memory);
  expect_end_in_good_order(server);
}

}  // namespace
}  // namespace turnomatic::support
