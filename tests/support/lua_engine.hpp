// Runs scripts as a Redis does: with the Lua that is built into it, and its conversions.
#pragma once

#include "support/redis_keyspace.hpp"
#include "support/redis_reply.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

struct lua_State;  // NOLINT(readability-identifier-naming): Lua's own name

namespace turnomatic::support {

/// Executes what a script calls.
class script_host {
 public:
  virtual redis_reply call_from_script(command_words words) = 0;

 protected:
  ~script_host() = default;
};

/// A script keeps nothing from one run to the next, so all stores of a thread share an engine, and
/// each text is compiled once.
class lua_engine {
 public:
  [[nodiscard]] static lua_engine& of_this_thread();

  lua_engine(const lua_engine&) = delete;
  lua_engine& operator=(const lua_engine&) = delete;
  ~lua_engine();

  /// What is wrong with `text`, in Redis's words; empty if nothing is.
  [[nodiscard]] std::string compile(const std::string& text);

  struct call {
    const std::string& text;  ///< compiled
    std::string_view sha;     ///< for messages
    command_words keys;
    command_words arguments;
  };
  /// The reply of EVALSHA. Scripts do not run other scripts.
  [[nodiscard]] redis_reply run(const call& of, script_host& host);

 private:
  lua_engine();
  void add_library();
  void protect_globals();
  void set_table(const char* name, command_words values);
  [[nodiscard]] redis_reply failure(std::string_view sha);

  lua_State* const lua_;
  std::unordered_map<std::string, int> compiled_;  // by text; a place in Lua's registry
};

}  // namespace turnomatic::support
