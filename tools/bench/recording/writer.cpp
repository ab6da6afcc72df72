#include "recording/writer.hpp"

#include <boost/endian/buffers.hpp>

namespace turnomatic::bench {

recording_writer::recording_writer(const std::string& path, const recording_header& header)
    : file_{std::fopen(path.c_str(), "wb")},
      good_{file_ != nullptr},
      codec_{{header.ids.size(), header.stream_of_connection.size(), header.streams}} {
  if (!good_)
    return;
  const boost::endian::little_uint32_buf_t version{recording_version};
  good_ = std::fwrite(recording_magic.data(), 1, recording_magic.size(), file_.get()) ==
              recording_magic.size() &&
          std::fwrite(&version, sizeof version, 1, file_.get()) == 1;
  write(chunk_kind::header, to_json(header));
}

void recording_writer::write(chunk_kind kind, std::string_view payload) {
  good_ = good_ && write_chunk(file_.get(), kind, payload);
}

void recording_writer::add(std::uint32_t stream, moment watermark,
                           std::span<const observation> what) {
  payload_.clear();
  codec_.encode(stream, watermark, what, payload_);
  observations_ += what.size();
  write(chunk_kind::block, payload_);
}

void recording_writer::finish(const servers_account& account) {
  write(chunk_kind::end, to_json(recording_end{observations_, account}));
  good_ = good_ && std::fflush(file_.get()) == 0;
}

}  // namespace turnomatic::bench
