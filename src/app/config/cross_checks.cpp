#include "app/config/cross_checks.hpp"

#include "app/config/endpoint_overlap.hpp"
#include "app/config/endpoint_text.hpp"
#include "app/config/escape.hpp"
#include "app/config/key_table.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace turnomatic::app {

namespace {

struct ordered_pair {
  std::string_view lesser;
  std::string_view greater;
  bool (*in_order)(const configuration&);
  bool halved{false};  ///< the lesser is at most half of the greater
};

constexpr ordered_pair ordered_pairs[] = {
    {"redis.reconnect_min", "redis.reconnect_max",
     [](const configuration& c) { return c.redis.reconnect_min <= c.redis.reconnect_max; }},
    // Within the grace each instance has to notice, and to be connected again.
    {"redis.reconnect_max", "redis.recovery_grace",
     [](const configuration& c) { return 2 * c.redis.reconnect_max <= c.redis.recovery_grace; },
     true},
    {"redis.refresh_interval", "redis.recovery_grace",
     [](const configuration& c) { return 2 * c.redis.refresh_interval <= c.redis.recovery_grace; },
     true},
    {"breaker.open_min", "breaker.open_max",
     [](const configuration& c) { return c.breaker.open_min <= c.breaker.open_max; }},
};

class checker {
 public:
  checker(const loaded_configuration& loaded, std::vector<configuration_error>& errors)
      : loaded_{loaded}, errors_{errors} {}

  void check_endpoints() {
    if (!are_known("listen", "ops_listen")) {
      return;
    }
    for (const endpoint& one : loaded_.values.listen) {
      if (overlap(one, loaded_.values.ops_listen)) {
        const std::string text = in_quotes(format_endpoint(one));
        if (was_said_later("ops_listen", "listen")) {
          refuse("ops_listen", "overlaps with listen = " + text + said_by("listen"));
        } else {
          errors_.push_back({"listen", origin_of("listen"),
                             "listen = " + text + ": overlaps with " + described("ops_listen")});
        }
      }
    }
  }

  void check_order(const ordered_pair& pair) {
    if (!are_known(pair.lesser, pair.greater) || pair.in_order(loaded_.values)) {
      return;
    }
    if (was_said_later(pair.greater, pair.lesser)) {
      refuse(pair.greater,
             (pair.halved ? "less than twice " : "less than ") + described(pair.lesser));
    } else {
      refuse(pair.lesser,
             (pair.halved ? "more than half of " : "more than ") + described(pair.greater));
    }
  }

  void check_together(std::string_view one, std::string_view other) {
    if (are_known(one, other) && value_of(one).empty() != value_of(other).empty()) {
      const bool one_is_set = value_of(other).empty();
      refuse(one_is_set ? one : other,
             "expected together with " + described(one_is_set ? other : one));
    }
  }

 private:
  // The key that was set in the stronger source, or further down, is to blame: never a default.
  [[nodiscard]] bool was_said_later(std::string_view name, std::string_view other) const {
    const origin& one = origin_of(name);
    const origin& before = origin_of(other);
    return std::pair{before.from, before.line} < std::pair{one.from, one.line};
  }

  [[nodiscard]] bool are_known(std::string_view one, std::string_view other) const {
    return std::none_of(errors_.begin(), errors_.end(), [one, other](const auto& error) {
      // Nobody knows what a file that cannot be read would have set.
      return error.key == one || error.key == other || error.key == "config";
    });
  }

  [[nodiscard]] const origin& origin_of(std::string_view name) const {
    return loaded_.origins.find(name)->second;
  }

  [[nodiscard]] std::string value_of(std::string_view name) const {
    return find_key(name)->format(loaded_.values).front();
  }

  [[nodiscard]] std::string assignment_of(std::string_view name) const {
    return std::string{name} + " = " + in_quotes(value_of(name));
  }

  [[nodiscard]] std::string described(std::string_view name) const {
    return assignment_of(name) + said_by(name);
  }

  [[nodiscard]] std::string said_by(std::string_view name) const {
    return " (" + to_string(origin_of(name)) + ")";
  }

  void refuse(std::string_view name, const std::string& why) {
    errors_.push_back({std::string{name}, origin_of(name), assignment_of(name) + ": " + why});
  }

  const loaded_configuration& loaded_;
  std::vector<configuration_error>& errors_;
};

}  // namespace

void check_across_keys(const loaded_configuration& loaded,
                       std::vector<configuration_error>& errors) {
  checker check{loaded, errors};
  check.check_endpoints();
  for (const auto& pair : ordered_pairs) {
    check.check_order(pair);
  }
  check.check_together("redis.tls_cert_file", "redis.tls_key_file");
}

}  // namespace turnomatic::app
