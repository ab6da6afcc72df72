#include "commands/command_line.hpp"

#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

command parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "turnomatic-bench");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "1.2.3");
}

run_command run_of(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"run", "http://h:1"});
  command parsed = parse(std::move(arguments));
  if (const auto* const refused = std::get_if<answer_text>(&parsed))
    ADD_FAILURE() << refused->text;
  return std::get<run_command>(std::move(parsed));
}

// Why the line was refused.
std::string refusal(std::vector<const char*> arguments) {
  const command parsed = parse(std::move(arguments));
  const auto* const text = std::get_if<answer_text>(&parsed);
  EXPECT_TRUE(text != nullptr && text->exit_status == exit_could_not);
  return text == nullptr ? std::string{} : text->text;
}

std::string refusal_of_run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"run", "http://h:1"});
  return refusal(std::move(arguments));
}

TEST(command_line, has_the_documented_defaults) {
  const plan how = run_of({}).order.how;
  EXPECT_EQ(how.connections, 64U);
  EXPECT_EQ(how.threads, 1U);
  EXPECT_EQ(how.pipeline, 1U);
  EXPECT_TRUE(how.keep_alive);
  EXPECT_FALSE(how.post);
  EXPECT_FALSE(how.count);
  EXPECT_EQ(how.duration, 10s);
  EXPECT_EQ(how.deadline, 5s);
  EXPECT_EQ(how.key_lifetime, 60s);
  EXPECT_EQ(how.ids, std::vector<std::string>{"bench"});
  EXPECT_EQ(how.rate, 0);
}

TEST(command_line, reads_what_is_asked_for) {
  const run_command found =
      run_of({"--connections", "8",      "--threads",  "2",        "--count",    "1000",
              "--rate",        "500",    "--ids",      "3",        "--pipeline", "16",
              "--post",        "--json", "--html",     "out.html", "--record",   "out.rec",
              "--zipf",        "1.1",    "--deadline", "250ms",    "--warm-up",  "2s"});
  const plan& how = found.order.how;
  EXPECT_EQ(how.connections, 8U);
  EXPECT_EQ(how.count, 1000U);
  EXPECT_EQ(how.rate, 500);
  EXPECT_EQ(how.ids, (std::vector<std::string>{"bench-0", "bench-1", "bench-2"}));
  EXPECT_EQ(how.popularity, id_spread::zipf);
  EXPECT_EQ(how.pipeline, 16U);
  EXPECT_TRUE(how.post);
  EXPECT_EQ(how.deadline, 250ms);
  EXPECT_EQ(how.warm_up, 2s);
  EXPECT_TRUE(found.json);
  EXPECT_EQ(found.html_file, "out.html");
  EXPECT_EQ(found.order.record_file, "out.rec");
}

TEST(command_line, refuses_what_contradicts_itself) {
  EXPECT_NE(refusal_of_run({"--close", "--pipeline", "2"}).find("pipeline"), std::string::npos);
  EXPECT_NE(refusal_of_run({"-c", "1", "-t", "2"}).find("threads"), std::string::npos);
  EXPECT_NE(refusal_of_run({"--id", "a", "--ids", "2"}), "");
  EXPECT_NE(refusal_of_run({"--retries", "1", "--key-lifetime", "5s"}).find("retry"),
            std::string::npos);
  EXPECT_NE(refusal_of_run({"--count", "5", "--duration", "1s"}), "");
  EXPECT_NE(refusal_of_run({"--id", "a", "--id", "a"}).find("twice"), std::string::npos);
}

TEST(command_line, refuses_values_that_cannot_be) {
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{"--connections", "0"},
                                             {"--connections", "many"},
                                             {"--duration", "10"},
                                             {"--duration", "-1s"},
                                             {"--duration", "0s"},
                                             {"--rate", "-5"},
                                             {"--id", "a/b"},
                                             {"--header", "no colon"},
                                             {"--header", "Host: h"},
                                             {"--header", "idempotency-key: k"},
                                             {"--warm-up", "-1s"},
                                             {"--rate", "nan"},
                                             {"--zipf", "nan"},
                                             {"--zipf", "1.1"},
                                             {"--id-prefix", "a"},
                                             {"--header", "X: a\r\nY: b"},
                                             {"--spread", "somehow"},
                                             {"--unknown"}})
    EXPECT_NE(refusal_of_run(arguments), "") << arguments.front();
}

TEST(command_line, refuses_to_do_nothing) {
  EXPECT_NE(refusal({}), "");
  EXPECT_NE(refusal({"run"}), "");
  EXPECT_NE(refusal({"run", "localhost"}), "");
  EXPECT_NE(refusal({"check"}), "");
  EXPECT_NE(refusal({"dump"}), "");
}

TEST(command_line, takes_secrets_from_files) {
  const support::temporary_file token;
  std::ofstream{token.path()} << "s3cret\n";
  const auto found = run_of({"--bearer-token-file", token.path().c_str()});
  EXPECT_EQ(found.order.how.header_lines, std::vector<std::string>{"Authorization: Bearer s3cret"});
  std::ofstream{token.path()} << "s3c\x01ret\n";
  EXPECT_EQ(refusal_of_run({"--bearer-token-file", token.path().c_str()}).find("ret"),
            std::string::npos);
}

TEST(command_line, reads_ids_from_a_file) {
  const support::temporary_file ids;
  std::ofstream{ids.path()} << "a\r\nb\n\nc";
  EXPECT_EQ(run_of({"--id-file", ids.path().c_str()}).order.how.ids,
            (std::vector<std::string>{"a", "b", "c"}));
}

TEST(command_line, checks_several_recordings) {
  const auto found = std::get<check_command>(parse({"check", "a", "b", "--clock-error", "5ms"}));
  EXPECT_EQ(found.files, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found.clock_error, moment{5'000'000});
}

TEST(command_line, answers_questions_about_itself) {
  const auto version = std::get<answer_text>(parse({"--version"}));
  EXPECT_EQ(version.exit_status, exit_proven);
  EXPECT_EQ(version.text, "1.2.3\n");
  EXPECT_EQ(std::get<answer_text>(parse({"run", "--help"})).exit_status, exit_proven);
}

}  // namespace
}  // namespace turnomatic::bench
