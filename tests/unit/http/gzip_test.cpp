#include "http/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>
#include <utility>

namespace turnomatic::http {
namespace {

std::string unpacked(std::string packed, std::size_t size) {
  std::string content(size, '\0');
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.total_out, size);
  ::inflateEnd(&stream);
  return content;
}

TEST(gzip, packs_what_can_be_unpacked) {
  std::string repetitive;
  for (int i = 0; i < 10'000; ++i)
    repetitive += "turnomatic_turns_issued_total " + std::to_string(i) + '\n';
  for (const std::string& content : {std::string{}, std::string{"a"}, repetitive}) {
    std::string packed = content;
    ASSERT_TRUE(gzip(packed));
    EXPECT_EQ(unpacked(packed, content.size()), content);
  }
  std::string packed = repetitive;
  ASSERT_TRUE(gzip(packed));
  EXPECT_LT(packed.size(), repetitive.size() / 4);
}

TEST(accepts_gzip, only_if_it_is_named_and_not_refused) {
  const std::pair<std::string_view, bool> rows[] = {
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"deflate, gzip;q=0.5", true},
      {"gzip;q=1.0, identity; q=0.5, *;q=0", true},  // RFC 9110
      {"br,gzip", true},
      {" gzip ", true},
      {"gzip ; q=0.001", true},
      {"gzip;q=0", false},
      {"gzip; q=0.000", false},
      {"gzip;Q=0", false},
      {"identity", false},
      {"*", false},
      {"gzipped", false},
      {"deflate;gzip", false},
      {"", false},
      {",,;", false}};
  for (const auto& [value, accepted] : rows)
    EXPECT_EQ(accepts_gzip(value), accepted) << value;
}

}  // namespace
}  // namespace turnomatic::http
