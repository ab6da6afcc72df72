// A Redis in memory that runs the real scripts.
#pragma once

#include "backend/redis/wire/scripts.hpp"
#include "support/lua_engine.hpp"
#include "support/redis_configuration.hpp"
#include "support/redis_keyspace.hpp"
#include "support/redis_reply.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// Does what a Redis 7.0 does with the commands that shards send, one command at a time, and keeps
/// account of the turns that it has taken. Time stands still until it is moved, and nothing expires
/// on its own. Cheap to make and to copy; one thread at a time.
class memory_redis : private support::script_host {
 public:
  /// What a connection has said.
  struct session {
    bool logged_in{false};
    std::uint32_t database{0};
    std::string name;
    std::uint64_t written{0};  ///< where in the stream for replicas it has written last
  };

  using condition = support::server_condition;

  struct taken_range {
    std::string id;
    std::uint64_t first;
    std::uint64_t count;
    std::string lane;

    friend bool operator==(const taken_range&, const taken_range&) = default;
  };

  using snapshot = std::map<std::uint32_t, support::redis_keyspace>;  ///< by database

  /// Counters are looked up under `prefix`, in the one bucket that there is outside a cluster.
  explicit memory_redis(std::string_view prefix = "t");

  /// Executes the first command of `input` and takes it from there. Its reply, as bytes; nothing if
  /// no command is complete. Throws std::invalid_argument if it is none.
  std::optional<std::string> execute(std::string_view& input, session& as);
  /// As an operator on the machine does: database 0, and nothing is refused.
  support::redis_reply command(std::initializer_list<std::string_view> said);

  // ---- what happens to a server

  void restart() { restart_with(save()); }  ///< and loses no data
  void restart_with(const snapshot& older);
  /// Has taken over what another server held; no connection has ended.
  void be_replica_and_primary_again(const snapshot& of_the_other);
  /// Of a server that has had none since it started, or for long.
  void attach_first_replica();
  /// Its replicas have all that it holds.
  void replicate() { replicated_ = written_; }
  void flush_all() { databases_.clear(); }
  void forget_scripts() { scripts_.clear(); }
  /// Ends the life of a key. Throws std::logic_error if it was given no life span.
  void expire_key(const std::string& key);
  void pass(std::uint64_t milliseconds) { time_ms_ += milliseconds; }
  [[nodiscard]] snapshot save() const { return databases_; }

  support::redis_configuration config;
  void persist_every_write() { config.appendfsync = "always"; }

  // ---- what it refuses

  /// Each command of this name, also those of scripts. Empty: no longer.
  void refuse(std::string_view name, std::string error);
  /// As `refuse`, by the rights of the user: "set", "client|setname".
  void forbid(std::string_view name) { forbidden_.emplace(name); }

  // ---- mutants

  /// What has the hash of this script is another text from now on.
  void replace_script(script_id id, std::string text);
  /// Its first `from` becomes `to`. Throws std::invalid_argument if it does not say `from`.
  void replace_in_script(script_id id, std::string_view from, std::string_view to);

  // ---- what it holds, in database 0

  [[nodiscard]] std::string run_id() const { return "run" + std::to_string(runs_); }
  /// 0 where there is no counter. Throws std::logic_error where it is spoilt.
  [[nodiscard]] std::uint64_t turn(std::string_view id) const;
  [[nodiscard]] bool halted(std::string_view id) const;
  /// Empty where there is none.
  [[nodiscard]] std::string store_field(std::string_view name) const;
  [[nodiscard]] std::string lane_field(std::string_view lane, std::string_view name) const;
  /// The keys of lane records.
  [[nodiscard]] std::vector<std::string> lane_records() const;
  [[nodiscard]] std::optional<std::int64_t> life_span_ms(std::string_view key) const;

  // ---- the account

  /// Turns that were taken, in the order in which that happened. What a restart lost is still
  /// there.
  [[nodiscard]] const std::vector<taken_range>& taken() const noexcept { return taken_; }
  [[nodiscard]] std::uint64_t turns_taken() const noexcept;
  [[nodiscard]] std::uint64_t commands_executed() const noexcept { return executed_; }
  /// From now on each command is written down, its words in one line.
  void keep_log() { log_.emplace(); }
  [[nodiscard]] std::vector<std::string> take_log();

 private:
  struct server_command;
  struct run;
  using words = support::command_words;
  using reply = support::redis_reply;

  static const server_command* find_server_command(std::string_view name);
  [[nodiscard]] reply answer(words said, session& as);
  [[nodiscard]] std::string refusal(words said, const session& as) const;
  [[nodiscard]] const std::string* refused_error(std::string_view name) const;
  [[nodiscard]] bool is_forbidden(words said) const;
  [[nodiscard]] static bool names_key(words said);
  reply call_from_script(words said) override;
  void account(words said, const reply& answer);

  reply log_in(words said, session& as);
  reply select(words said, session& as);
  reply client(words said, session& as);
  reply info(words said, session& as);
  reply role(words said, session& as);
  reply read_configuration(words said, session& as);
  reply script(words said, session& as);
  reply run_script(words said, session& as);
  reply wait(words said, session& as);
  reply ping(words said, session& as);
  reply time(words said, session& as);

  [[nodiscard]] const std::string* find_field(std::string_view key, std::string_view name) const;

  std::string base_;  // of all keys
  snapshot databases_;
  std::map<std::string, std::string, std::less<>> scripts_;   // by hash
  std::map<std::string, std::string, std::less<>> mutants_;   // by hash
  std::map<std::string, std::string, std::less<>> refusals_;  // by name, in lower case
  std::set<std::string, std::less<>> forbidden_;
  std::uint64_t runs_{1};
  std::uint64_t streams_{0};  // for replicas, that were begun in this run
  bool was_promoted_{false};
  std::uint64_t written_{0};     // the end of the stream for replicas
  std::uint64_t replicated_{0};  // as far as these have it
  std::uint64_t time_ms_{1'000'000};
  run* running_{nullptr};
  std::vector<taken_range> taken_;
  std::uint64_t executed_{0};
  std::optional<std::vector<std::string>> log_;
};

}  // namespace turnomatic::redis
