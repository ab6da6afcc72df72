#include "app/config/cors_origins.hpp"
#include "app/config/key_table.hpp"
#include "app/config/reload.hpp"
#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

}  // namespace

TEST(origin, is_kept_as_browsers_send_it) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://shop.example", "https://shop.example"},
      {"HTTPS://Shop.Example", "https://shop.example"},
      {"https://shop.example:443", "https://shop.example"},
      {"http://shop.example:80", "http://shop.example"},
      {"http://shop.example:443", "http://shop.example:443"},
      {"http://localhost:3000", "http://localhost:3000"},
      {"http://127.0.0.1:08080", "http://127.0.0.1:8080"},
      {"http://[0:0::1]:8080", "http://[::1]:8080"},
      {"https://[::1]", "https://[::1]"},
      {"http://under_score.xn--bcher-kva.example", "http://under_score.xn--bcher-kva.example"},
      {"chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"},
      {"capacitor://localhost", "capacitor://localhost"},
  };
  for (const auto& [text, kept] : rows) {
    const auto origin = parse_origin(text);
    ASSERT_TRUE(origin.has_value()) << text;
    EXPECT_EQ(*origin, kept);
    EXPECT_EQ(*parse_origin(kept), kept);
  }
}

TEST(origin, is_refused_in_any_other_form) {
  for (const auto* text : {"",
                           "*",
                           "null",
                           "shop.example",
                           "https:",
                           "https://",
                           "https:/shop.example",
                           "://shop.example",
                           "1http://shop.example",
                           "https://shop.example/",
                           "https://shop.example/path",
                           "https://shop.example?x",
                           "https://shop.example#x",
                           "https://*.shop.example",
                           "https://user@shop.example",
                           "https://shop.example:",
                           "https://shop.example:0",
                           "https://shop.example:65536",
                           "https://shop.example:8o",
                           "https://shop.example:1:2",
                           "https://:443",
                           "https://[::1",
                           "https://::1",
                           "https://[::g]",
                           "https://[::1]x",
                           "https://[]",
                           "https://b\xc3\xbc"
                           "cher.example",
                           "https://shop.example ",
                           " https://shop.example",
                           "https://shop example",
                           "https://a,https://b"}) {
    const auto origin = parse_origin(text);
    ASSERT_FALSE(origin.has_value()) << text;
    EXPECT_THAT(origin.error().reason, HasSubstr("expected SCHEME://HOST")) << text;
  }
  EXPECT_TRUE(parse_origin("http://" + std::string(253, 'a')).has_value());
  EXPECT_FALSE(parse_origin("http://" + std::string(254, 'a')).has_value());
}

TEST(cors_origins, come_from_every_source_and_can_be_taken_back) {
  const std::string file = "[http]\ncors_origins = [\"https://A.example\", \"http://b:80\"]\n";
  const auto origins = [](const given& what) { return load(what).values.http.cors_origins; };
  EXPECT_THAT(origins({}), IsEmpty());
  auto sources = given_file(file);
  EXPECT_THAT(origins(sources), ElementsAre("https://a.example", "http://b"));
  sources.variables["TURNOMATIC_HTTP_CORS_ORIGINS"] = "https://c, https://d";
  EXPECT_THAT(origins(sources), ElementsAre("https://c", "https://d"));
  auto more = sources;
  more.arguments.insert(more.arguments.end(),
                        {"--http-cors-origins", "https://e", "--http-cors-origins", "https://f"});
  EXPECT_THAT(origins(more), ElementsAre("https://e", "https://f"));
  sources.variables["TURNOMATIC_HTTP_CORS_ORIGINS"] = "";
  EXPECT_THAT(origins(sources), IsEmpty());
  more.arguments = {"--config", "/test.toml", "--http-cors-origins", ""};
  EXPECT_THAT(origins(more), IsEmpty());
}

TEST(cors_origins, are_refused_by_name_and_place) {
  EXPECT_THAT(errors_of(given_file("[http]\ncors_origins = [\"https://a\", \"*\"]\n")),
              testing::AllOf(HasSubstr("/test.toml:2: http.cors_origins"), HasSubstr("no *")));
  EXPECT_THAT(errors_of(given_file("http.cors_origins = [\"https://a\", \"https://A:443\"]\n")),
              HasSubstr("the origin is listed twice"));
  EXPECT_THAT(errors_of(given_file("http.cors_origins = [\"https://a\", \"\"]\n")),
              HasSubstr("expected SCHEME://HOST"));
  EXPECT_THAT(errors_of(given_file("http.cors_origins = \"https://a\"\n")),
              HasSubstr("expected an array"));
}

TEST(cors_origins, are_at_most_64) {
  texts many;
  for (std::size_t i = 0; i < cors_origins_max; ++i) {
    many.push_back("https://h" + std::to_string(i));
  }
  configuration target;
  EXPECT_FALSE(cors_origins_key().assign(target, many).has_value());
  EXPECT_EQ(target.http.cors_origins.size(), cors_origins_max);
  many.emplace_back("https://one.more");
  EXPECT_TRUE(cors_origins_key().assign(target, many).has_value());
}

TEST(cors_origins, follow_a_reload) {
  const auto running = load(given_file("http.cors_origins = [\"https://a\"]\n"));
  const auto outcome = reload(running, sources_of(given_file("# none")));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->changed, ElementsAre("http.cors_origins"));
  EXPECT_THAT(outcome->applied.values.http.cors_origins, IsEmpty());
}

}  // namespace turnomatic::app
