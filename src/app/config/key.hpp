// One key of the configuration: all that every source, table and message knows about it.
#pragma once

#include "app/config/secrecy.hpp"

#include <turnomatic/config.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::app {

/// The texts of one value: one, or for a list any number.
using texts = std::vector<std::string>;

/// How a value is written in TOML.
enum class toml_shape { integer, string, integer_or_string, list_of_strings };

enum class lifetime {
  live,     ///< follows SIGHUP
  restart,  ///< needs a new process
};

/// A value that was refused: which text, and why. `reason` never repeats the text.
struct refusal {
  std::string text;
  std::string reason;
};

struct key {
  std::string name;  ///< dotted, as in TOML
  toml_shape shape{toml_shape::string};
  lifetime changes{lifetime::restart};
  secrecy visibility{secrecy::open};
  std::string unit;         ///< "connections", "duration", ...
  std::string placeholder;  ///< for --help: "N"
  std::string range;        ///< "1 to 65535"
  std::string expected;     ///< "a whole number from 1 to 65535"
  texts choices;            ///< all values, where they are a few names; else empty
  std::string meaning;      ///< one line, without a full stop

  /// Parses the texts, checks the bounds and sets the member. On a refusal the
  /// configuration is as before.
  std::function<std::optional<refusal>(configuration&, const texts&)> assign{};
  /// The inverse of assign.
  std::function<texts(const configuration&)> format{};
};

/// `http.idle_timeout` is `--http-idle-timeout` as a flag and
/// `TURNOMATIC_HTTP_IDLE_TIMEOUT` in the environment; one rule for all keys.
[[nodiscard]] std::string flag_name(const key& of);
[[nodiscard]] std::string variable_name(const key& of);

/// A value as TOML: `10000`, `"75s"` or `["127.0.0.1:7017", "[::1]:7017"]`; what is secret is
/// replaced.
[[nodiscard]] std::string toml_value(const key& of, const texts& value);

/// The default of the key as texts.
[[nodiscard]] texts default_value(const key& of);

}  // namespace turnomatic::app
