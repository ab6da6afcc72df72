// A Redis in memory.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// Does what a Redis server does with the commands that lanes send, one command at a time, and
/// keeps account of the turns that it has taken. Written from Redis's documentation and from what
/// the store's function is said to do; shares no code with what it is there to test.
class model_store {
 public:
  /// What has been said on one connection.
  struct session {
    bool logged_in{false};
    std::uint32_t database{0};
    std::string name;
  };

  enum class mood : std::uint8_t { well, loading, busy, read_only, full };

  struct memo {
    std::uint64_t sequence{0};
    std::uint64_t first{0};
    std::uint64_t count{0};

    friend bool operator==(const memo&, const memo&) = default;
  };
  struct counter {
    std::optional<std::uint64_t> value;
    std::uint64_t dropped{0};  ///< the highest turn of a memo that was dropped; 0: none was
    bool halted{false};
    std::map<std::string, memo, std::less<>> memos;  ///< by lane

    void raise_to(std::uint64_t issued, bool halts);
  };
  /// One database.
  struct keyspace {
    std::map<std::string, std::string, std::less<>> strings;
    std::map<std::string, counter, std::less<>> counters;
  };
  using snapshot = std::map<std::uint32_t, keyspace>;

  struct taken_range {
    std::string key;
    std::uint64_t first;
    std::uint64_t count;
  };

  /// Keys are looked up under `prefix`, as lanes are told to.
  explicit model_store(std::string prefix) : prefix_{std::move(prefix)} {}

  /// Executes the first command of `input` and takes it from there. Its reply, as bytes; nothing if
  /// no command is complete.
  std::optional<std::string> execute(std::string_view& input, session& as);

  // What happens to a server.

  void restart();                            ///< and loses nothing
  void restart_with(const snapshot& older);  ///< and is what it was
  /// It has taken over what another held, without a restart.
  void be_replica_and_primary_again(const snapshot& of_the_other);
  void flush_all() { databases_.clear(); }
  void flush_functions() { libraries_.clear(); }
  void set_mood(mood to) noexcept { mood_ = to; }
  /// Each call of a function is refused with this; empty: none is.
  void refuse_calls(std::string error) { call_error_ = std::move(error); }
  void require_login(std::string user, std::string password);
  void forbid_client_command() noexcept { client_forbidden_ = true; }
  void name_no_run_id() { run_id_.clear(); }
  void evict(std::string policy) { eviction_ = std::move(policy); }

  [[nodiscard]] snapshot save() const { return databases_; }
  [[nodiscard]] const std::string& run_id() const noexcept { return run_id_; }
  [[nodiscard]] bool has_library() const noexcept { return !libraries_.empty(); }
  [[nodiscard]] bool is_ill() const noexcept { return mood_ != mood::well; }

  // What an operator does or sees. Of database 0, unless it says otherwise.

  [[nodiscard]] std::string genesis(std::uint32_t database = 0) const;
  /// Empty: takes it away.
  void set_genesis(const std::string& token);
  [[nodiscard]] std::uint64_t value(std::string_view id, std::uint32_t database = 0) const;
  void set_value(std::string_view id, std::uint64_t to);
  [[nodiscard]] bool halted(std::string_view id) const;
  void resume(std::string_view id) { counter_of(id).halted = false; }
  [[nodiscard]] counter& counter_of(std::string_view id) {
    return databases_[0].counters[counter_key(id)];
  }
  /// The lifetime of a client's key has passed.
  void end_key(std::string_view id, std::string_view key);
  /// As if `id` had never been counted.
  void erase(std::string_view id);

  // The account.

  /// Turns that were taken, in the order in which that happened. What a restart lost is still
  /// there.
  [[nodiscard]] const std::vector<taken_range>& taken() const noexcept { return taken_; }
  [[nodiscard]] std::uint64_t turns_taken() const noexcept;
  void forget_taken() noexcept { taken_.clear(); }
  [[nodiscard]] std::uint64_t commands_executed() const noexcept { return executed_; }
  /// From now on each command is written down, its words in one line.
  void keep_log() noexcept { logging_ = true; }
  [[nodiscard]] std::vector<std::string> take_log() { return std::exchange(log_, {}); }

 private:
  struct call;

  [[nodiscard]] bool parse(std::string_view& input);
  [[nodiscard]] std::string answer(session& as);
  [[nodiscard]] std::string refusal(const session& as) const;
  [[nodiscard]] std::string call_refusal() const;
  [[nodiscard]] std::string log_in(session& as) const;
  [[nodiscard]] std::string info() const;
  [[nodiscard]] std::string load();
  [[nodiscard]] std::string function(keyspace& in);
  [[nodiscard]] std::string find(const call& of, const counter& in, keyspace& space) const;
  [[nodiscard]] std::string take(keyspace& in);
  [[nodiscard]] std::string take_once(keyspace& in);
  [[nodiscard]] std::string resolve(keyspace& in);
  [[nodiscard]] std::string raise(keyspace& in);
  [[nodiscard]] std::string set(keyspace& in);
  [[nodiscard]] std::string increment(keyspace& in);
  void remember(const call& of, counter& in, const memo& what, std::uint64_t value) const;
  void write_down();
  [[nodiscard]] std::string counter_key(std::string_view id) const;
  [[nodiscard]] const counter* find_counter(std::string_view id, std::uint32_t database) const;

  const std::string prefix_;
  std::string run_id_{"run1"};
  std::uint64_t starts_{1};
  std::uint64_t promotions_{0};
  std::string eviction_{"noeviction"};
  snapshot databases_;
  std::vector<std::string> libraries_;
  mood mood_{mood::well};
  std::string call_error_;
  std::string user_;
  std::string password_;
  bool client_forbidden_{false};
  std::vector<std::string_view> words_;  // of the command being executed
  std::vector<taken_range> taken_;
  std::uint64_t executed_{0};
  bool logging_{false};
  std::vector<std::string> log_;
};

}  // namespace turnomatic::redis
