#include "recording/reader.hpp"

#include <boost/endian/buffers.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace turnomatic::bench {

recording_reader::recording_reader(const std::string& path)
    : recording_reader{std::fopen(path.c_str(), "rb"), path} {}

recording_reader::recording_reader(std::FILE* file, std::string name)
    : name_{std::move(name)}, file_{file} {
  if (file_)
    read_header();
  else
    fail(std::strerror(errno));
}

bool recording_reader::fail(const std::string& what) {
  error_ = name_ + ": " + what;
  ended_ = true;
  return false;
}

void recording_reader::read_header() {
  std::array<char, recording_magic.size()> magic{};
  boost::endian::little_uint32_buf_t version{};
  if (std::fread(magic.data(), 1, magic.size(), file_.get()) != magic.size() ||
      std::string_view(magic.data(), magic.size()) != recording_magic) {
    fail("not a recording");
    return;
  }
  if (std::fread(&version, sizeof version, 1, file_.get()) != 1 ||
      version.value() != recording_version) {
    fail("a recording of another version; this program reads version " +
         std::to_string(recording_version));
    return;
  }
  chunk_kind kind{};
  if (read_chunk(file_.get(), kind, payload_) != chunk_status::ok || kind != chunk_kind::header) {
    fail("the header is damaged");
    return;
  }
  auto header = header_from_json(payload_);
  if (!header) {
    fail("the header makes no sense");
    return;
  }
  header_ = std::move(*header);
  codec_ = std::make_unique<block_codec>(block_codec::bounds{
      header_.ids.size(), header_.stream_of_connection.size(), header_.streams});
}

bool recording_reader::next(recorded_block& out) {
  if (ended_)
    return false;
  chunk_kind kind{};
  switch (read_chunk(file_.get(), kind, payload_)) {
    case chunk_status::ok:
      break;
    case chunk_status::end_of_file:
      return fail("cut short: its end is missing, so it proves nothing");
    case chunk_status::damaged:
      return fail("damaged after " + std::to_string(observations_) + " observations");
  }
  if (kind == chunk_kind::block) {
    if (!codec_->decode(payload_, out))
      return fail("a block makes no sense after " + std::to_string(observations_) +
                  " observations");
    observations_ += out.what.size();
    return true;
  }
  const auto end = kind == chunk_kind::end ? end_from_json(payload_) : std::nullopt;
  if (!end || end->observations != observations_)
    return fail("its end does not fit what comes before");
  if (std::fgetc(file_.get()) != EOF)
    return fail("something follows its end");
  end_ = *end;
  ended_ = true;
  return false;
}

}  // namespace turnomatic::bench
