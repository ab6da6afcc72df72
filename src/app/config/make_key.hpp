// Keys of the common types. Everywhere, `member` is a function that returns a reference to the
// key's member of a configuration, const or not.
#pragma once

#include "app/config/key.hpp"
#include "app/config/value_codec.hpp"

#include <optional>
#include <string>
#include <utility>

namespace turnomatic::app {

/// A key of one value. `codec` reads and writes it, as value_codec.hpp says.
template <class Codec, class Member>
key scalar_key(std::string name, toml_shape shape, lifetime changes, std::string unit,
               const Codec& codec, Member member, std::string meaning) {
  key made;
  made.name = std::move(name);
  made.shape = shape;
  made.changes = changes;
  made.unit = std::move(unit);
  made.placeholder = codec.placeholder();
  made.range = codec.range();
  made.expected = codec.expected();
  made.meaning = std::move(meaning);
  made.assign = [codec, member](configuration& target,
                                const texts& value) -> std::optional<refusal> {
    if (value.size() != 1) {
      return refusal{{}, "expected one value"};
    }
    const auto parsed_value = codec.parse(value.front());
    if (!parsed_value) {
      return refusal{value.front(), parsed_value.error().reason};
    }
    member(target) = *parsed_value;
    return std::nullopt;
  };
  made.format = [codec, member](const configuration& from) {
    return texts{codec.format(member(from))};
  };
  return made;
}

template <class Member>
key count_key(std::string name, lifetime changes, std::string unit, const count_codec& range,
              Member member, std::string meaning) {
  return scalar_key(std::move(name), toml_shape::integer, changes, std::move(unit), range, member,
                    std::move(meaning));
}

template <class Member>
key duration_key(std::string name, lifetime changes, const duration_codec& range, Member member,
                 std::string meaning) {
  return scalar_key(std::move(name), toml_shape::string, changes, "duration", range, member,
                    std::move(meaning));
}

template <class Enum, class Member>
key choice_key(std::string name, lifetime changes, const choice_codec<Enum>& names, Member member,
               std::string meaning) {
  key made = scalar_key(std::move(name), toml_shape::string, changes, "name", names, member,
                        std::move(meaning));
  made.choices = names.choices();
  return made;
}

template <class Member>
key text_key(std::string name, lifetime changes, const text_codec& range, Member member,
             std::string meaning) {
  return scalar_key(std::move(name), toml_shape::string, changes, "text", range, member,
                    std::move(meaning));
}

template <class Member>
key path_key(std::string name, lifetime changes, Member member, std::string meaning) {
  return scalar_key(std::move(name), toml_shape::string, changes, "path", path_codec{}, member,
                    std::move(meaning));
}

}  // namespace turnomatic::app
