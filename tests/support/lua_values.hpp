// Between the values of Lua and those of Redis, by the rules of Redis for RESP2.
#pragma once

#include "support/redis_reply.hpp"

#include <lua.hpp>

#include <optional>
#include <string>

namespace turnomatic::support {

void push_reply(lua_State* lua, const redis_reply& reply);
/// Of the value at `index`, which is not a relative one.
[[nodiscard]] redis_reply reply_at(lua_State* lua, int index);
/// An argument of redis.call; nothing if a value is neither text nor a number.
[[nodiscard]] std::optional<std::string> argument_at(lua_State* lua, int index);

/// The functions of cmsgpack, for arrays of texts and of whole numbers that are not negative.
int pack_message(lua_State* lua);
int unpack_message(lua_State* lua);

}  // namespace turnomatic::support
