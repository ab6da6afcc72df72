#include "app/config/toml_file.hpp"

#include "app/config/escape.hpp"
#include "app/config/key_table.hpp"
#include "app/config/nearest_name.hpp"
#include "app/config/secrecy.hpp"
#include "app/config/sources.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace turnomatic::app {

namespace {

std::string_view describe(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
    case toml::node_type::floating_point:
      return "a bare number";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

bool is_section(std::string_view name) {
  const auto& table = key_table();
  return std::any_of(table.begin(), table.end(),
                     [name](const key& known) { return section_of(known.name) == name; });
}

// Near in writing, or the right key in the wrong section.
std::string suggestion(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& known : key_table()) {
    if (leaf_of(known.name) == leaf_of(name)) {
      return "; did you mean " + known.name + "?";
    }
    names.push_back(known.name);
    if (const auto section = section_of(known.name);
        !section.empty() && std::find(names.begin(), names.end(), section) == names.end()) {
      names.emplace_back(section);
    }
  }
  return did_you_mean(name, names);
}

class reader {
 public:
  explicit reader(const std::string& path) : path_{path} {}

  // Goes down into known sections only: two levels, however deep the file.
  void read(const toml::table& table, const std::string& section) {
    const std::string prefix = section + (section.empty() ? "" : ".");
    for (const auto& [name, node] : table) {
      const std::string_view leaf = name.str();
      const std::string full = prefix + std::string{leaf};
      const std::uint32_t line = name.source().begin.line;
      // A quoted key may hold a dot, and then only looks like a section and a key.
      const bool dotted = leaf.find('.') != std::string_view::npos;
      const key* const known = dotted ? nullptr : find_key(full);
      if (known != nullptr) {
        take(*known, node, line);
      } else if (section.empty() && is_section(leaf)) {
        if (const auto* const inner = node.as_table(); inner != nullptr) {
          read(*inner, full);
        } else {
          refuse(full, line,
                 escaped(full) + " is a section; expected [" + full + "], found " +
                     std::string{describe(node.type())});
        }
      } else {
        const std::string_view kind = node.is_table() ? "unknown section " : "unknown key ";
        const std::string visible = prefix + shown_stray(leaf);
        refuse(visible, line,
               std::string{kind} + (dotted ? in_quotes(visible) : escaped(visible)) +
                   suggestion(full));
      }
    }
  }

  gathered finish() && { return std::move(out_); }

 private:
  void refuse(const std::string& name, std::uint32_t line, std::string what) {
    out_.errors.push_back({name, {source::file, path_, line}, std::move(what)});
  }

  void refuse_type(const key& known, const toml::node& node, std::uint32_t line) {
    std::string what = known.name;
    // Arrays and tables may be as deep as the file is long: they are not written out.
    if (!node.is_array() && !node.is_table()) {
      std::ostringstream text;
      text << toml::node_view<const toml::node>{node};
      what += " = " + escaped(shown_refused(known.visibility, text.str()));
    }
    what += known.shape == toml_shape::string ? ": expected a string, " : ": expected ";
    what += known.expected + "; found ";
    what += describe(node.type());
    refuse(known.name, line, std::move(what));
  }

  void take(const key& known, const toml::node& node, std::uint32_t line) {
    texts value;
    const bool either = known.shape == toml_shape::integer_or_string;
    if ((either || known.shape == toml_shape::integer) && node.is_integer()) {
      value.push_back(std::to_string(node.as_integer()->get()));
    } else if ((either || known.shape == toml_shape::string) && node.is_string()) {
      value.push_back(node.as_string()->get());
    } else if (known.shape == toml_shape::list_of_strings && node.is_array()) {
      for (const auto& element : *node.as_array()) {
        if (!element.is_string()) {
          return refuse_type(known, element, element.source().begin.line);
        }
        value.push_back(element.as_string()->get());
      }
    } else {
      return refuse_type(known, node, line);
    }
    out_.settings.push_back({&known, std::move(value), {source::file, path_, line}});
  }

  const std::string& path_;
  gathered out_;
};

gathered rejected(const std::string& path, std::uint32_t line, std::string what) {
  gathered out;
  out.errors.push_back({"config", {source::file, path, line}, std::move(what)});
  return out;
}

}  // namespace

gathered read_toml(std::string_view text, const std::string& path) {
  if (text.size() > file_bytes_max) {
    return rejected(path, 0, "more than " + std::to_string(file_bytes_max) + " bytes");
  }
  try {
    reader out{path};
    out.read(toml::parse(text), {});
    return std::move(out).finish();
  } catch (const toml::parse_error& error) {
    // It may quote a key, and so what was written in the place of one.
    return rejected(path, error.source().begin.line,
                    "not valid TOML: " + escaped(shown_stray(error.description())));
  }
}

}  // namespace turnomatic::app
