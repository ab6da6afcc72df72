#include "recording/merge.hpp"
#include "recording/reader.hpp"
#include "recording/varint.hpp"
#include "recording/writer.hpp"
#include "support/allocation_counter.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>

namespace turnomatic::bench {
namespace {

using support::temporary_file;

recording_header two_connections(std::string boot = "a boot") {
  recording_header header;
  static int runs = 0;
  header.run_id = std::to_string(++runs);
  header.host = "here";
  header.boot_id = std::move(boot);
  header.streams = 1;
  header.ids = {"a", "b"};
  header.targets = {"http://h"};
  header.stream_of_connection = {0, 0};
  header.target_of_connection = {0, 0};
  return header;
}

observation answer(std::uint64_t turn, moment sent, moment received, std::uint32_t id = 0,
                   std::uint32_t connection = 0) {
  return make_observation(id, connection, outcome::answered, false, turn, sent, received);
}

void record(const std::string& path, const std::vector<observation>& what,
            const recording_header& header = two_connections(),
            const servers_account& account = {}) {
  recording_writer file{path, header};
  file.add(0, 1'000'000, what);
  file.finish(account);
  ASSERT_TRUE(file.good());
}

std::string contents(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream{path, std::ios::binary}.rdbuf();
  return all.str();
}

// Reads all of it; empty if nothing is wrong.
std::string error_in(const std::string& path) {
  recording_reader file{path};
  for (recorded_block block; file.error().empty() && file.next(block);) {
  }
  return file.error();
}

TEST(varint, gives_back_what_was_put_in) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1} << 63,
        std::numeric_limits<std::uint64_t>::max()}) {
    std::string bytes;
    append_varint(bytes, value);
    std::string_view in = bytes;
    EXPECT_EQ(take_varint(in), value);
    EXPECT_TRUE(in.empty());
    in = std::string_view{bytes}.substr(0, bytes.size() - 1);
    EXPECT_FALSE(take_varint(in));
  }
}

TEST(varint, refuses_more_than_64_bits) {
  std::string_view in{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10};
  EXPECT_FALSE(take_varint(in));
}

TEST(varint, folds_signs) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(unfold_sign(fold_sign(value)), value);
}

TEST(recording, gives_back_what_was_recorded) {
  const temporary_file file;
  const std::vector<observation> what{answer(9007199254740991, 5, 9, 1, 1),
                                      answer(1, -7, 100, 0, 0),
                                      make_observation(0, 1, outcome::unknown, true, 0, 50, 60),
                                      make_observation(1, 0, outcome::malformed, false, 0, 51, 61)};
  record(file.path(), what, two_connections(), {.burned = 17});
  recording_reader read{file.path()};
  ASSERT_EQ(read.error(), "");
  EXPECT_EQ(read.header().ids, two_connections().ids);
  EXPECT_EQ(read.header().boot_id, "a boot");
  recorded_block block;
  ASSERT_TRUE(read.next(block));
  EXPECT_EQ(block.watermark, 1'000'000);
  ASSERT_EQ(block.what.size(), what.size());
  for (std::size_t i = 0; i < what.size(); ++i) {
    EXPECT_EQ(block.what[i].id, what[i].id);
    EXPECT_EQ(block.what[i].connection, what[i].connection);
    EXPECT_EQ(block.what[i].result(), what[i].result());
    EXPECT_EQ(block.what[i].retried, what[i].retried);
    EXPECT_EQ(block.what[i].turn, what[i].turn);
    EXPECT_EQ(block.what[i].sent, what[i].sent);
    EXPECT_EQ(block.what[i].received, what[i].received);
  }
  EXPECT_FALSE(read.next(block));
  EXPECT_EQ(read.error(), "");
  EXPECT_EQ(read.end().account.burned, 17U);
  EXPECT_FALSE(read.end().account.lost);
}

TEST(recording, refuses_a_file_cut_short_anywhere) {
  const temporary_file file;
  record(file.path(), {answer(1, 0, 5), answer(2, 6, 9)});
  const std::string whole = contents(file.path());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream{file.path(), std::ios::binary} << whole.substr(0, size);
    EXPECT_NE(error_in(file.path()), "") << size;
  }
}

TEST(recording, refuses_a_file_with_any_byte_changed) {
  const temporary_file file;
  record(file.path(), {answer(1, 0, 5), answer(2, 6, 9)});
  const std::string whole = contents(file.path());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    std::ofstream{file.path(), std::ios::binary} << damaged;
    EXPECT_NE(error_in(file.path()), "") << at;
  }
}

TEST(recording, refuses_a_file_with_anything_behind_its_end) {
  const temporary_file file;
  record(file.path(), {answer(1, 0, 5)});
  const std::string whole = contents(file.path());
  for (const std::string& more : {std::string{'\0'}, std::string{"more"}, whole}) {
    std::ofstream{file.path(), std::ios::binary} << whole << more;
    EXPECT_NE(error_in(file.path()).find("something follows its end"), std::string::npos);
  }
}

TEST(recording, says_what_is_wrong_with_a_file_that_is_none) {
  EXPECT_NE(error_in("/nonexistent/file").find("No such file"), std::string::npos);
  const temporary_file file;
  std::ofstream{file.path()} << "GET / HTTP/1.1\r\n";
  EXPECT_NE(error_in(file.path()).find("not a recording"), std::string::npos);
}

TEST(merge, proves_two_recordings_as_one_run) {
  const temporary_file first;
  const temporary_file second;
  record(first.path(), {answer(1, 0, 5), answer(3, 6, 9)});
  record(second.path(), {answer(2, 5, 8)});
  const auto found = prove_recordings({first.path(), second.path()}, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->proof.violations(), 0U);
  EXPECT_EQ(found->proof.turns, 3U);
  const auto half = prove_recordings({first.path()}, {});
  ASSERT_TRUE(half);
  EXPECT_EQ(half->proof.unexplained, 1U);
}

TEST(merge, finds_a_turn_that_two_runs_were_given) {
  const temporary_file first;
  const temporary_file second;
  recording_header turned_round = two_connections("another boot");
  turned_round.ids = {"b", "a"};
  record(first.path(), {answer(1, 0, 5)});
  record(second.path(), {answer(1, 0, 5, 1)}, turned_round);
  const auto found = prove_recordings({first.path(), second.path()}, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->proof.duplicates, 1U);
  EXPECT_EQ(found->id_names.at(found->proof.findings.at(0).id), "a");
}

TEST(merge, compares_times_of_two_hosts_only_with_a_stated_error) {
  const temporary_file first;
  const temporary_file second;
  recording_header elsewhere = two_connections("another boot");
  elsewhere.clock_offset = 1000;
  record(first.path(), {answer(2, 1000, 1005)});
  record(second.path(), {answer(1, 20, 30)}, elsewhere);
  EXPECT_EQ(prove_recordings({first.path(), second.path()}, {})->proof.inversions, 0U);
  EXPECT_EQ(prove_recordings({first.path(), second.path()}, moment{5})->proof.inversions, 1U);
}

TEST(merge, adds_up_the_accounts) {
  const temporary_file first;
  const temporary_file second;
  record(first.path(), {answer(1, 0, 5), answer(4, 6, 9)}, two_connections(), {.burned = 1});
  record(second.path(), {}, two_connections(), {.burned = 1});
  const auto found = prove_recordings({first.path(), second.path()}, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account.burned, 2U);
  EXPECT_EQ(found->proof.violations(), 0U);
}

TEST(merge, accuses_nobody_of_a_gap_if_one_of_the_accounts_was_lost) {
  const temporary_file first;
  const temporary_file second;
  record(first.path(), {answer(1, 0, 5), answer(4, 6, 9)}, two_connections(), {.lost = true});
  record(second.path(), {}, two_connections(), {.burned = 1});
  const auto found = prove_recordings({first.path(), second.path()}, {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->proof.account_lost);
  EXPECT_EQ(found->proof.unexplained, 1U);
  EXPECT_EQ(found->proof.violations(), 0U);
}

// Turns that two threads were given in turn, written a block of each at a time.
void record_two_streams(const std::string& path, std::uint64_t first_turn, std::uint64_t turns) {
  constexpr std::uint64_t in_a_block = 100;
  recording_header header = two_connections();
  header.streams = 2;
  header.stream_of_connection = {0, 1};
  recording_writer file{path, header};
  for (std::uint64_t done = 0; done < turns; done += 2 * in_a_block) {
    for (const std::uint32_t stream : {0U, 1U}) {
      std::vector<observation> block;
      for (std::uint64_t i = 0; i < in_a_block; ++i) {
        const std::uint64_t turn = first_turn + done + 2 * i + stream;
        const auto at = static_cast<moment>(turn * 10);
        block.push_back(answer(turn, at, at + 5, 0, stream));
      }
      file.add(stream, block.back().sent + 6, block);
    }
  }
  file.finish({});
  ASSERT_TRUE(file.good());
}

std::int64_t peak_of_proving(std::uint64_t turns) {
  const temporary_file first;
  const temporary_file second;
  record_two_streams(first.path(), 1, turns);
  record_two_streams(second.path(), turns + 1, turns);
  const std::int64_t before = support::heap_in_use().now;
  support::forget_heap_peak();
  const auto found = prove_recordings({first.path(), second.path()}, {});
  EXPECT_TRUE(found && found->proof.violations() == 0 && found->proof.turns == 2 * turns);
  return support::heap_in_use().peak - before;
}

TEST(merge, holds_no_more_of_long_recordings_than_of_short_ones) {
  constexpr std::int64_t observations = 1000 * sizeof(observation);
  EXPECT_LT(peak_of_proving(100'000), peak_of_proving(1'000) + observations);
}

TEST(merge, refuses_a_recording_that_proves_nothing) {
  const temporary_file good;
  const temporary_file bad;
  record(good.path(), {answer(1, 0, 5)});
  record(bad.path(), {answer(2, 6, 9)});
  EXPECT_TRUE(prove_recordings({good.path(), bad.path()}, {}));
  EXPECT_FALSE(prove_recordings({good.path(), "/nonexistent/file"}, {}));
  EXPECT_FALSE(prove_recordings({good.path(), good.path()}, {})) << "one run, named twice";
  std::ofstream{bad.path(), std::ios::app} << "more";
  EXPECT_FALSE(prove_recordings({good.path(), bad.path()}, {}));
}

}  // namespace
}  // namespace turnomatic::bench
