#include "app/config/key_table.hpp"
#include "app/config/value_codec.hpp"
#include "config_given.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

constexpr text_codec small{4, "._", false};
constexpr text_codec small_or_nothing{4, "._", true};

constexpr const char* path_keys[] = {"redis.password_file", "redis.sentinel_password_file",
                                     "redis.tls_ca_file",   "redis.tls_cert_file",
                                     "redis.tls_key_file",  "admin.token_file"};

bool accepts(const char* name, const std::string& text) {
  configuration target;
  return !find_key(name)->assign(target, {text}).has_value();
}

}  // namespace

TEST(text, is_of_letters_digits_and_the_symbols_of_its_key) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    const bool valid = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '.' || byte == '_';
    EXPECT_EQ(small.parse(text).has_value(), valid) << byte;
  }
}

TEST(text, keeps_to_its_bounds) {
  EXPECT_EQ(*small.parse("a.Z9"), "a.Z9");
  EXPECT_EQ(small.parse("a.Z90").error().reason, "expected 1 to 4 characters of A-Z a-z 0-9 . _");
  EXPECT_FALSE(small.parse("").has_value());
}

TEST(text, may_be_empty_where_that_has_a_meaning) {
  EXPECT_EQ(*small_or_nothing.parse(""), "");
  EXPECT_EQ(small_or_nothing.parse("-").error().reason,
            "expected empty, or 1 to 4 characters of A-Z a-z 0-9 . _");
}

struct text_bound {
  const char* key;
  std::size_t max;
  const char* symbols;
  bool may_be_empty;
};

TEST(text, has_the_bounds_of_its_key) {
  const text_bound rows[] = {
      {"redis.prefix", 32, "._-", false},
      {"redis.store_id", 64, "-", true},
      {"redis.tls_server_name", 253, "._-", true},
      {"redis.sentinel_user", 64, "._-", true},
  };
  for (const auto& row : rows) {
    EXPECT_TRUE(accepts(row.key, std::string(row.max, 'x'))) << row.key;
    EXPECT_FALSE(accepts(row.key, std::string(row.max + 1, 'x'))) << row.key;
    EXPECT_EQ(accepts(row.key, ""), row.may_be_empty) << row.key;
    for (const char c : std::string_view{"._-:~ /{}"}) {
      const bool symbol = std::string_view{row.symbols}.find(c) != std::string_view::npos;
      EXPECT_EQ(accepts(row.key, std::string(1, c)), symbol) << row.key << " " << c;
    }
  }
}

TEST(path, is_of_printable_ascii) {
  for (const auto* name : path_keys) {
    EXPECT_TRUE(accepts(name, "")) << name;
    EXPECT_TRUE(accepts(name, "../a b\"\\~")) << name;
    EXPECT_TRUE(accepts(name, std::string(1024, 'x'))) << name;
    EXPECT_FALSE(accepts(name, std::string(1025, 'x'))) << name;
    for (const char c : {'\0', '\n', '\x1f', '\x7f', '\x80', '\xff'}) {
      EXPECT_FALSE(accepts(name, std::string(1, c))) << name;
    }
  }
  EXPECT_EQ(path_codec::parse("\n").error().reason,
            "expected a path of at most 1024 bytes of printable ASCII");
}

TEST(path, can_be_unset_by_a_stronger_source) {
  const given file{{"--config", "/a"}, {}, {{"/a", "redis.password_file = \"p\""}}};
  EXPECT_EQ(load(file).values.redis.password_file, "p");
  given variable = file;
  variable.variables["TURNOMATIC_REDIS_PASSWORD_FILE"] = "";
  EXPECT_EQ(load(variable).values.redis.password_file, "");
  given flag = file;
  flag.arguments.insert(flag.arguments.end(), {"--redis-password-file", ""});
  EXPECT_EQ(load(flag).values.redis.password_file, "");
}

}  // namespace turnomatic::app
