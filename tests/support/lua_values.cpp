#include "support/lua_values.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

std::string_view text_at(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* const data = lua_tolstring(lua, index, &size);
  return {data, size};
}

// ---- MessagePack

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0)
    out += static_cast<char>(value >> (8 * bytes));
}

// What is shorter than `fixed` has its length in its first byte.
struct length_form {
  unsigned first;
  std::uint64_t fixed;
  std::array<unsigned, 3> longer;  ///< with a length of 1, 2 and 4 bytes; 0: there is none of 1
};
constexpr length_form text_form{0xA0, 32, {0xD9, 0xDA, 0xDB}};
constexpr length_form array_form{0x90, 16, {0, 0xDC, 0xDD}};

void append_length(std::string& out, const length_form& form, std::uint64_t length) {
  if (length < form.fixed) {
    out += static_cast<char>(form.first | length);
    return;
  }
  const unsigned size = length <= 0xFF && form.longer[0] != 0 ? 0 : length <= 0xFFFF ? 1 : 2;
  out += static_cast<char>(form.longer[size]);
  append_big_endian(out, length, 1U << size);
}

void append_number(std::string& out, std::uint64_t number) {
  if (number < 0x80) {
    out += static_cast<char>(number);
    return;
  }
  const unsigned size = number <= 0xFF ? 0 : number <= 0xFFFF ? 1 : number <= 0xFFFFFFFF ? 2 : 3;
  out += static_cast<char>(0xCC + size);
  append_big_endian(out, number, 1U << size);
}

bool append_element(std::string& out, lua_State* lua, int index) {
  if (lua_type(lua, index) == LUA_TSTRING) {
    const std::string_view text = text_at(lua, index);
    append_length(out, text_form, text.size());
    out += text;
    return true;
  }
  const lua_Number number = lua_tonumber(lua, index);
  if (lua_type(lua, index) != LUA_TNUMBER || number < 0 || number >= 0x1p63 ||
      number != static_cast<lua_Number>(static_cast<std::uint64_t>(number)))
    return false;
  append_number(out, static_cast<std::uint64_t>(number));
  return true;
}

std::uint64_t take_bytes(std::string_view& in, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count && i < in.size(); ++i)
    value = value << 8U | static_cast<unsigned char>(in[i]);
  in.remove_prefix(std::min(count, in.size()));
  return value;
}

// Nothing if `first` begins something else.
std::optional<std::uint64_t> take_length(std::string_view& in, const length_form& form,
                                         unsigned first) {
  if (first >= form.first && first < form.first + form.fixed)
    return first - form.first;
  for (unsigned size = 0; size < form.longer.size(); ++size) {
    if (first == form.longer[size])
      return take_bytes(in, std::size_t{1} << size);
  }
  return std::nullopt;
}

bool push_element(lua_State* lua, std::string_view& in) {
  const auto first = static_cast<unsigned>(take_bytes(in, 1));
  if (const auto length = take_length(in, text_form, first)) {
    if (*length > in.size())
      return false;
    lua_pushlstring(lua, in.data(), *length);
    in.remove_prefix(*length);
    return true;
  }
  if (first >= 0x80 && (first < 0xCC || first > 0xCF))
    return false;
  const std::uint64_t number =
      first < 0x80 ? first : take_bytes(in, std::size_t{1} << (first - 0xCC));
  lua_pushnumber(lua, static_cast<lua_Number>(number));
  return true;
}

bool push_array(lua_State* lua, std::string_view in) {
  const auto first = static_cast<unsigned>(take_bytes(in, 1));
  const auto length = take_length(in, array_form, first);
  if (!length)
    return false;
  lua_createtable(lua, static_cast<int>(*length), 0);
  for (int i = 1; i <= static_cast<int>(*length); ++i) {
    if (in.empty() || !push_element(lua, in))
      return false;
    lua_rawseti(lua, -2, i);
  }
  return in.empty();
}

// ---- tables

// `field` of the table at `index`, if it is a text.
std::optional<std::string> text_field(lua_State* lua, int index, const char* field) {
  lua_pushstring(lua, field);
  lua_rawget(lua, index);
  std::optional<std::string> text;
  if (lua_type(lua, -1) == LUA_TSTRING)
    text = text_at(lua, -1);
  lua_pop(lua, 1);
  return text;
}

redis_reply reply_of_table(lua_State* lua, int index) {
  if (auto text = text_field(lua, index, "err"))
    return redis_reply::error(std::move(*text));
  if (auto text = text_field(lua, index, "ok"))
    return redis_reply::simple(std::move(*text));
  std::vector<redis_reply> elements;
  for (int i = 1;; ++i) {
    lua_rawgeti(lua, index, i);
    if (lua_isnil(lua, -1)) {
      lua_pop(lua, 1);
      return redis_reply::array(std::move(elements));
    }
    elements.push_back(reply_at(lua, lua_gettop(lua)));
    lua_pop(lua, 1);
  }
}

}  // namespace

void push_reply(lua_State* lua, const redis_reply& reply) {
  switch (reply.type) {
    case redis_reply::kind::nil:
      lua_pushboolean(lua, 0);
      return;
    case redis_reply::kind::integer:
      lua_pushnumber(lua, static_cast<lua_Number>(reply.number));
      return;
    case redis_reply::kind::bulk:
      lua_pushlstring(lua, reply.text.data(), reply.text.size());
      return;
    case redis_reply::kind::simple:
    case redis_reply::kind::error:
      lua_createtable(lua, 0, 1);
      lua_pushlstring(lua, reply.text.data(), reply.text.size());
      lua_setfield(lua, -2, reply.type == redis_reply::kind::error ? "err" : "ok");
      return;
    case redis_reply::kind::array:
      lua_createtable(lua, static_cast<int>(reply.elements.size()), 0);
      for (std::size_t i = 0; i < reply.elements.size(); ++i) {
        push_reply(lua, reply.elements[i]);
        lua_rawseti(lua, -2, static_cast<int>(i) + 1);
      }
      return;
  }
}

redis_reply reply_at(lua_State* lua, int index) {
  switch (lua_type(lua, index)) {
    case LUA_TNUMBER:
      return redis_reply::integer(static_cast<std::int64_t>(lua_tonumber(lua, index)));
    case LUA_TSTRING:
      return redis_reply::bulk(std::string{text_at(lua, index)});
    case LUA_TBOOLEAN:
      return lua_toboolean(lua, index) != 0 ? redis_reply::integer(1) : redis_reply::nil();
    case LUA_TTABLE:
      return reply_of_table(lua, index);
    default:
      return redis_reply::nil();
  }
}

std::optional<std::string> argument_at(lua_State* lua, int index) {
  switch (lua_type(lua, index)) {
    case LUA_TNUMBER: {
      std::array<char, 64> digits{};
      const int size =
          std::snprintf(digits.data(), digits.size(), "%.17g", lua_tonumber(lua, index));
      return std::string{digits.data(), static_cast<std::size_t>(size)};
    }
    case LUA_TSTRING:
      return std::string{text_at(lua, index)};
    default:
      return std::nullopt;
  }
}

int pack_message(lua_State* lua) {
  bool is_packed = lua_gettop(lua) == 1 && lua_istable(lua, 1);
  if (is_packed) {
    std::string out;
    const int size = static_cast<int>(lua_objlen(lua, 1));
    append_length(out, array_form, static_cast<std::uint64_t>(size));
    for (int i = 1; i <= size && is_packed; ++i) {
      lua_rawgeti(lua, 1, i);
      is_packed = append_element(out, lua, 2);
      lua_settop(lua, 1);
    }
    lua_pushlstring(lua, out.data(), out.size());
  }
  // Out of reach of the text: Lua leaves a function without destroying what is in it.
  return is_packed ? 1 : luaL_error(lua, "not an array of texts and of whole numbers");
}

int unpack_message(lua_State* lua) {
  if (lua_type(lua, 1) != LUA_TSTRING || !push_array(lua, text_at(lua, 1)))
    return luaL_error(lua, "not an array of texts and of whole numbers");
  return 1;
}

}  // namespace turnomatic::support
