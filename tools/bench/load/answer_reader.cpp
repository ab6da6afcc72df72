#include "load/answer_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
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

struct answer_reader::partial::state {
  // Interim answers before the real one are parsed and forgotten.
  void begin(std::size_t at) {
    parser.emplace();
    parser->header_limit(head_size_max);
    parser->body_limit(body_size_max);
    parser->eager(true);
    first = taken = at;
  }

  std::optional<response_parser> parser{};
  std::size_t first{0};  // of the input, where the answer begins behind interim ones
  std::size_t taken{0};  // of the input, by now
};

answer_reader::partial::partial() = default;
answer_reader::partial::~partial() = default;

void answer_reader::partial::forget() {
  state_.reset();
}

answer_reader::progress answer_reader::read(std::string_view input, bool ended, partial& begun,
                                            http_answer& answer, std::size_t& size) {
  if (!begun.state_ && !known_head_.empty() && input.starts_with(known_head_) &&
      input.size() - known_head_.size() >= known_body_size_) {
    size = known_head_.size() + known_body_size_;
    answer = {known_status_, known_last_, input.substr(known_head_.size(), known_body_size_)};
    return progress::complete;
  }
  // At the end once more from the front: a parser that waits for the end of a head looks at nothing
  // before it, so what is no HTTP would pass for half an answer.
  if (!begun.state_ || ended) {
    begun.state_ = std::make_unique<partial::state>();
    begun.state_->begin(0);
  }
  const progress result = parse(input, ended, *begun.state_);
  if (result == progress::incomplete)
    return result;
  size = begun.state_->taken;
  if (result == progress::complete)
    take(input, *begun.state_, answer);
  begun.forget();
  return result;
}

answer_reader::progress answer_reader::parse(std::string_view input, bool ended,
                                             partial::state& from) {
  for (;;) {
    response_parser& parser = *from.parser;
    if (!feed(parser, input, from.taken))
      return progress::not_http;
    if (!parser.is_done() && ended && parser.is_header_done()) {
      boost::beast::error_code error;
      parser.put_eof(error);
      if (error)
        return progress::incomplete;
    }
    if (!parser.is_done())
      return progress::incomplete;
    if (parser.get().result_int() >= 200)
      return progress::complete;
    from.begin(from.taken);  // an interim answer; the real one follows
  }
}

void answer_reader::take(std::string_view input, partial::state& from, http_answer& answer) {
  auto& message = from.parser->get();
  const bool plain = !from.parser->chunked() && from.parser->content_length().has_value();
  answer.status = static_cast<int>(message.result_int());
  answer.last = !from.parser->keep_alive();
  body_ = std::move(message.body());
  answer.body = body_;
  if (plain && from.first == 0) {
    known_body_size_ = body_.size();
    known_head_ = input.substr(0, from.taken - known_body_size_);
    known_status_ = answer.status;
    known_last_ = answer.last;
  }
}

}  // namespace turnomatic::bench
