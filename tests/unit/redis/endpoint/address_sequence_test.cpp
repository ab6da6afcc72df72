#include "backend/redis/endpoint/address_sequence.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

// "a" is one address, "b" another.
net::socket_address address_of(char name) {
  return boost::asio::ip::tcp::endpoint{
      boost::asio::ip::make_address("10.0.0." + std::to_string(name - 'a')), 6379};
}

char name_of(const net::socket_address& address) {
  for (char name = 'a'; name <= 'z'; ++name) {
    if (address_of(name) == address)
      return name;
  }
  return '?';
}

std::vector<net::socket_address> addresses_of(std::string_view names) {
  std::vector<net::socket_address> made;
  for (const char name : names)
    made.push_back(address_of(name));
  return made;
}

class sequence {
 public:
  void begin(std::string_view names, duration patience = 900ms) {
    tested.begin(addresses_of(names), now + patience);
  }
  /// The rest of the round, if nobody answers.
  std::string rest() {
    std::string names;
    while (const auto next = tested.next(now))
      names += name_of(next->address);
    return names;
  }
  std::string round(std::string_view names) {
    begin(names);
    return rest();
  }
  /// Tries addresses until this one takes the connection.
  void connect(std::string_view names, char to) {
    begin(names);
    while (const auto next = tested.next(now)) {
      if (name_of(next->address) == to)
        return tested.connected();
    }
    ADD_FAILURE() << "no address " << to;
  }
  void approve(std::string_view names, char which) {
    connect(names, which);
    tested.approve();
  }

  time_point now{1000s};
  address_sequence tested;
};

// ---- the order

struct experience {
  std::string_view name;
  std::string_view approved;   ///< one after the other, before
  std::string_view connected;  ///< and not approved, after that
  std::string_view addresses;
  std::string_view order;
};

constexpr experience experiences[] = {
    {"none", "", "", "abc", "abc"},
    {"one address", "", "", "a", "a"},
    {"no address", "a", "b", "", ""},
    {"the one that worked last comes first", "b", "", "abc", "bac"},
    {"the latest of them", "bc", "", "abc", "cab"},
    {"one that was found unfit comes last", "", "a", "abc", "bca"},
    {"several, the latest last", "", "ba", "abc", "cba"},
    {"found unfit again", "", "aba", "abc", "cba"},
    {"all of them: the oldest experience first", "", "bca", "abc", "bca"},
    {"one that worked and was found unfit since", "b", "b", "abc", "acb"},
    {"one that worked, and another that is unfit", "b", "a", "abc", "bca"},
    {"one that worked is not among them any more", "b", "", "ac", "ac"},
    {"one that was unfit is not among them any more", "", "a", "bc", "bc"},
    {"other addresses", "a", "b", "xyz", "xyz"},
};

TEST(address_sequence, tries_addresses_by_its_experience) {
  for (const experience& row : experiences) {
    sequence made;
    for (const char each : row.approved)
      made.approve("abc", each);
    for (const char each : row.connected)
      made.connect("abc", each);
    EXPECT_EQ(made.round(row.addresses), row.order) << row.name;
    EXPECT_EQ(made.round(row.addresses), row.order) << row.name << ": what was only tried";
  }
}

TEST(address_sequence, forgives_what_is_approved_in_the_end) {
  sequence made;
  made.connect("abc", 'b');
  made.approve("abc", 'b');
  EXPECT_EQ(made.round("abc"), "bac");
}

TEST(address_sequence, forgets_an_unfit_address_that_the_name_has_lost_meanwhile) {
  sequence made;
  made.connect("abc", 'a');
  EXPECT_EQ(made.round("bc"), "bc");
  EXPECT_EQ(made.round("abc"), "abc");
}

TEST(address_sequence, has_no_experience_before_anything_was_tried) {
  sequence made;
  made.tested.connected();
  made.tested.approve();
  EXPECT_EQ(made.round("ab"), "ab");
  made.begin("ab");
  made.tested.approve();
  EXPECT_EQ(made.round("ab"), "ab") << "an approval that comes after its round";
}

// ---- the time

struct share {
  std::string_view name;
  std::string_view addresses;
  duration patience;
  std::vector<duration> used;  ///< by each attempt
  std::vector<duration> given;
};

TEST(address_sequence, shares_the_time_fairly) {
  const std::vector<share> rows{
      {"all of it to one", "a", 900ms, {900ms}, {900ms}},
      {"a third to each of three that hang",
       "abc",
       900ms,
       {300ms, 300ms, 300ms},
       {300ms, 300ms, 300ms}},
      {"what is not used is there for the others",
       "abc",
       900ms,
       {0ms, 100ms, 0ms},
       {300ms, 450ms, 800ms}},
      {"at least so much, however little there is",
       "abc",
       60ms,
       {50ms, 50ms, 50ms},
       {50ms, 50ms, 50ms}},
      {"also when the time is over", "ab", -10s, {50ms, 50ms}, {50ms, 50ms}},
      {"or was used up by others", "ab", 200ms, {1s, 50ms}, {100ms, 50ms}},
  };
  for (const share& row : rows) {
    sequence made;
    made.begin(row.addresses, row.patience);
    for (std::size_t i = 0; i < row.given.size(); ++i) {
      const auto next = made.tested.next(made.now);
      ASSERT_TRUE(next) << row.name;
      EXPECT_EQ(next->until - made.now, row.given[i]) << row.name << ", attempt " << i;
      made.now += row.used[i];
    }
    EXPECT_FALSE(made.tested.next(made.now)) << row.name;
  }
}

TEST(address_sequence, names_the_address_of_the_attempt) {
  sequence made;
  made.begin("ab");
  (void)made.tested.next(made.now);
  EXPECT_EQ(name_of(made.tested.current()), 'a');
  (void)made.tested.next(made.now);
  EXPECT_EQ(name_of(made.tested.current()), 'b');
}

}  // namespace
}  // namespace turnomatic::redis
