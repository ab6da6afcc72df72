#include "support/lua_engine.hpp"

#include "support/lua_values.hpp"

#include <array>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

// Where Lua looks for this engine's host.
char host_key = 0;

script_host& host_of(lua_State* lua) {
  lua_pushlightuserdata(lua, &host_key);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  auto* const host = static_cast<script_host*>(lua_touserdata(lua, -1));
  lua_pop(lua, 1);
  return *host;
}

redis_reply call_host(lua_State* lua) {
  const int size = lua_gettop(lua);
  if (size == 0)
    return redis_reply::error("ERR Please specify at least one argument for this redis lib call");
  std::vector<std::string> texts;
  texts.reserve(static_cast<std::size_t>(size));
  for (int i = 1; i <= size; ++i) {
    auto text = argument_at(lua, i);
    if (!text)
      return redis_reply::error("ERR Lua redis lib command arguments must be strings or integers");
    texts.push_back(std::move(*text));
  }
  const std::vector<std::string_view> words{texts.begin(), texts.end()};
  return host_of(lua).call_from_script(words);
}

// Pushes the reply; true if it is an error. No exception crosses Lua.
bool push_call(lua_State* lua) noexcept {
  try {
    const redis_reply reply = call_host(lua);
    push_reply(lua, reply);
    return reply.type == redis_reply::kind::error;
  } catch (const std::exception& thrown) {
    push_reply(lua, redis_reply::error(std::string{"ERR "} + thrown.what()));
    return true;
  }
}

int redis_call(lua_State* lua) {
  return push_call(lua) ? lua_error(lua) : 1;
}

int redis_pcall(lua_State* lua) {
  push_call(lua);
  return 1;
}

int error_reply(lua_State* lua) {
  lua_createtable(lua, 0, 1);
  lua_pushstring(lua, luaL_checkstring(lua, 1));
  lua_setfield(lua, -2, "err");
  return 1;
}

int status_reply(lua_State* lua) {
  lua_createtable(lua, 0, 1);
  lua_pushstring(lua, luaL_checkstring(lua, 1));
  lua_setfield(lua, -2, "ok");
  return 1;
}

int no_such_global(lua_State* lua) {
  return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'",
                    lua_tostring(lua, 2));
}

int read_only_globals(lua_State* lua) {
  return luaL_error(lua, "Attempt to modify a readonly table");
}

// Makes of what was raised a table with the text and the place of the script where it was raised.
int add_place(lua_State* lua) {
  if (!lua_istable(lua, 1)) {
    lua_createtable(lua, 0, 3);
    lua_pushfstring(lua, "ERR %s", lua_tostring(lua, 1));
    lua_setfield(lua, -2, "err");
    lua_replace(lua, 1);
  }
  lua_Debug at{};
  for (int level = 1; lua_getstack(lua, level, &at) != 0; ++level) {
    lua_getinfo(lua, "Sl", &at);
    if (at.currentline < 0)
      continue;
    lua_pushfstring(lua, "%s:%d", at.source, at.currentline);
    lua_setfield(lua, 1, "place");
    break;
  }
  lua_settop(lua, 1);
  return 1;
}

std::string text_of_field(lua_State* lua, int index, const char* name) {
  lua_getfield(lua, index, name);
  const char* const text = lua_tostring(lua, -1);
  std::string copy = text ? text : "";
  lua_pop(lua, 1);
  return copy;
}

}  // namespace

lua_engine& lua_engine::of_this_thread() {
  static thread_local lua_engine engine;
  return engine;
}

lua_engine::lua_engine() : lua_{luaL_newstate()} {
  if (!lua_)
    throw std::runtime_error{"no memory for Lua"};
  constexpr std::array<luaL_Reg, 4> libraries{{{"", luaopen_base},
                                               {LUA_TABLIBNAME, luaopen_table},
                                               {LUA_STRLIBNAME, luaopen_string},
                                               {LUA_MATHLIBNAME, luaopen_math}}};
  for (const luaL_Reg& each : libraries) {
    lua_pushcfunction(lua_, each.func);
    lua_pushstring(lua_, each.name);
    lua_call(lua_, 1, 0);
  }
  for (const char* const name : {"dofile", "loadfile", "print"}) {
    lua_pushnil(lua_);
    lua_setglobal(lua_, name);
  }
  add_library();
  protect_globals();
}

lua_engine::~lua_engine() {
  lua_close(lua_);
}

void lua_engine::add_library() {
  constexpr std::array<luaL_Reg, 5> redis{{{"call", redis_call},
                                           {"pcall", redis_pcall},
                                           {"error_reply", error_reply},
                                           {"status_reply", status_reply},
                                           {nullptr, nullptr}}};
  constexpr std::array<luaL_Reg, 3> message_pack{
      {{"pack", pack_message}, {"unpack", unpack_message}, {nullptr, nullptr}}};
  luaL_register(lua_, "redis", redis.data());
  luaL_register(lua_, "cmsgpack", message_pack.data());
  lua_settop(lua_, 0);
}

void lua_engine::protect_globals() {
  for (const char* const name : {"KEYS", "ARGV"})
    set_table(name, {});
  lua_createtable(lua_, 0, 2);
  lua_pushcfunction(lua_, no_such_global);
  lua_setfield(lua_, -2, "__index");
  lua_pushcfunction(lua_, read_only_globals);
  lua_setfield(lua_, -2, "__newindex");
  lua_setmetatable(lua_, LUA_GLOBALSINDEX);
}

void lua_engine::set_table(const char* name, command_words values) {
  lua_pushstring(lua_, name);
  lua_createtable(lua_, static_cast<int>(values.size()), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    lua_pushlstring(lua_, values[i].data(), values[i].size());
    lua_rawseti(lua_, -2, static_cast<int>(i) + 1);
  }
  lua_rawset(lua_, LUA_GLOBALSINDEX);
}

std::string lua_engine::compile(const std::string& text) {
  if (compiled_.contains(text))
    return {};
  if (luaL_loadbuffer(lua_, text.data(), text.size(), "@user_script") != 0) {
    std::string error = "ERR Error compiling script (new function): ";
    error += lua_tostring(lua_, -1);
    lua_settop(lua_, 0);
    return error;
  }
  compiled_.emplace(text, luaL_ref(lua_, LUA_REGISTRYINDEX));
  return {};
}

redis_reply lua_engine::run(const call& of, script_host& host) {
  lua_pushlightuserdata(lua_, &host_key);
  lua_pushlightuserdata(lua_, &host);
  lua_rawset(lua_, LUA_REGISTRYINDEX);
  set_table("KEYS", of.keys);
  set_table("ARGV", of.arguments);
  lua_pushcfunction(lua_, add_place);
  lua_rawgeti(lua_, LUA_REGISTRYINDEX, compiled_.at(of.text));
  redis_reply reply = lua_pcall(lua_, 0, 1, 1) == 0 ? reply_at(lua_, 2) : failure(of.sha);
  lua_settop(lua_, 0);
  return reply;
}

redis_reply lua_engine::failure(std::string_view sha) {
  if (!lua_istable(lua_, 2))
    throw std::runtime_error{"Lua is out of memory"};
  return redis_reply::error(text_of_field(lua_, 2, "err") + " script: " + std::string{sha} +
                            ", on " + text_of_field(lua_, 2, "place") + '.');
}

}  // namespace turnomatic::support
