#include "app/config/environment.hpp"

#include "app/config/escape.hpp"
#include "app/config/key_table.hpp"
#include "app/config/nearest_name.hpp"
#include "app/config/secrecy.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace turnomatic::app {

namespace {

constexpr std::string_view prefix = "TURNOMATIC_";

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  const bool found = text.ends_with(suffix);
  if (found) {
    text.remove_suffix(suffix.size());
  }
  return found;
}

template <std::size_t N>
bool drop_one_suffix(std::string_view& text, const std::array<std::string_view, N>& suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&text](std::string_view suffix) { return drop_suffix(text, suffix); });
}

// X_PORT_7017_TCP and what follows it. Of neighbouring ports Docker tells of the first alone, with
// the last of them at _END.
bool is_port_link(std::string_view name) {
  constexpr std::array<std::string_view, 7> details{"_PORT_START", "_PORT_END", "_START", "_END",
                                                    "_PROTO",      "_PORT",     "_ADDR"};
  constexpr std::array<std::string_view, 3> protocols{"_TCP", "_UDP", "_SCTP"};
  drop_one_suffix(name, details);
  if (!drop_one_suffix(name, protocols)) {
    return false;
  }
  const auto last = name.find_last_not_of("0123456789");
  return last != std::string_view::npos && last + 1 < name.size() &&
         name.substr(0, last + 1).ends_with("_PORT_");
}

// Docker's X_NAME=/container/alias, where X is the alias in capitals: not a file that somebody has
// given to a variable of a similar name.
bool is_link_name(std::string_view stem, std::string_view value) {
  const auto alias_at = std::min(value.find('/', 1), value.size());
  const std::string_view alias = value.substr(std::min(alias_at + 1, value.size()));
  return value.starts_with('/') && alias_at > 1 && alias.size() == stem.size() &&
         std::equal(alias.begin(), alias.end(), stem.begin(), [](char c, char capital) {
           const char raised = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
           return capital == (c == '-' ? '_' : raised);
         });
}

bool is_link_address(std::string_view value) {
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

// What Kubernetes sets for a service X: X_SERVICE_HOST, X_SERVICE_PORT[_NAME], and what Docker set
// for a link before it (https://kubernetes.io/docs/concepts/services-networking/service,
// moby's daemon/links): X_PORT=tcp://..., ports one by one, X_NAME=/container/x, and the linked
// container's own variables as X_ENV_...
bool is_link(std::string_view name, std::string_view value) {
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") ||
      name.find("_SERVICE_PORT_") != std::string_view::npos ||
      name.find("_ENV_") != std::string_view::npos) {
    return true;
  }
  if (std::string_view stem = name; drop_suffix(stem, "_NAME")) {
    return is_link_name(stem, value);
  }
  return (name.ends_with("_PORT") && is_link_address(value)) || is_port_link(name);
}

// A suggestion compares what follows the prefix: all names share it, so it would make any two
// of them look alike.
configuration_error unknown_variable(const std::string& name) {
  std::vector<std::string> names{std::string{config_variable.substr(prefix.size())}};
  for (const auto& known : key_table()) {
    names.push_back(variable_name(known).substr(prefix.size()));
  }
  const std::string nearest = nearest_name(std::string_view{name}.substr(prefix.size()), names);
  const std::string visible = shown_stray(name);
  std::string what = "unknown variable " + escaped(visible);
  if (!nearest.empty()) {
    what.append("; did you mean ").append(prefix).append(nearest).append("?");
  }
  return {visible, {source::environment, visible}, std::move(what)};
}

// Blanks around the items are allowed; an empty item is kept, to be refused.
texts split_list(std::string_view text) {
  texts items;
  for (;;) {
    const auto comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    items.emplace_back(item);
    if (comma == text.size()) {
      return items;
    }
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

gathered read_environment(const environment& variables) {
  gathered out;
  for (auto it = variables.lower_bound(prefix);
       it != variables.end() && it->first.starts_with(prefix); ++it) {
    const auto& [name, value] = *it;
    const auto& table = key_table();
    const auto known = std::find_if(table.begin(), table.end(), [&wanted = name](const key& k) {
      return variable_name(k) == wanted;
    });
    if (known != table.end()) {
      const bool list = known->shape == toml_shape::list_of_strings;
      out.settings.push_back(
          {&*known, list ? split_list(value) : texts{value}, {source::environment, name}});
    } else if (is_link(name, value)) {
      out.ignored.push_back(escaped(name));
    } else if (name != config_variable) {
      out.errors.push_back(unknown_variable(name));
    }
  }
  return out;
}

}  // namespace turnomatic::app
