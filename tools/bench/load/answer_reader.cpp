#include "load/answer_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <utility>

namespace turnomatic::bench {
namespace {

namespace http = boost::beast::http;

using response_parser = http::response_parser<http::string_body>;

// Feeds all of `input`; returns what the parser took, or nothing if it is no HTTP.
bool feed(response_parser& parser, std::string_view input, std::size_t& taken) {
  boost::beast::error_code error;
  while (taken < input.size() && !parser.is_done()) {
    const std::size_t size =
        parser.put(boost::asio::buffer(input.data() + taken, input.size() - taken), error);
    taken += size;
    if (error == http::error::need_more)
      return true;
    if (error)
      return false;
    if (size == 0)
      break;
  }
  return true;
}

}  // namespace

answer_reader::progress answer_reader::read(std::string_view input, bool ended, http_answer& answer,
                                            std::size_t& size) {
  if (!known_head_.empty() && input.starts_with(known_head_) &&
      input.size() - known_head_.size() >= known_body_size_) {
    size = known_head_.size() + known_body_size_;
    answer = {known_status_, known_last_, input.substr(known_head_.size(), known_body_size_)};
    return progress::complete;
  }
  return parse(input, ended, answer, size);
}

answer_reader::progress answer_reader::parse(std::string_view input, bool ended,
                                             http_answer& answer, std::size_t& size) {
  size = 0;
  for (;;) {
    response_parser parser;
    parser.header_limit(head_size_max);
    parser.body_limit(body_size_max);
    parser.eager(true);
    std::size_t taken = 0;
    const std::string_view rest = input.substr(size);
    if (!feed(parser, rest, taken))
      return progress::not_http;
    if (!parser.is_done() && ended && parser.is_header_done()) {
      boost::beast::error_code error;
      parser.put_eof(error);
      if (error)
        return progress::incomplete;
    }
    if (!parser.is_done())
      return progress::incomplete;
    size += taken;
    auto& message = parser.get();
    if (message.result_int() < 200)  // an interim answer; the real one follows
      continue;
    const bool plain = !parser.chunked() && parser.content_length().has_value();
    answer.status = static_cast<int>(message.result_int());
    answer.last = !parser.keep_alive();
    body_ = std::move(message.body());
    answer.body = body_;
    if (plain && size == taken) {
      known_body_size_ = body_.size();
      known_head_ = rest.substr(0, taken - known_body_size_);
      known_status_ = answer.status;
      known_last_ = answer.last;
    }
    return progress::complete;
  }
}

}  // namespace turnomatic::bench
