// The half of a session that writes: answers in the order of the requests, in one call for all
// that are ready, and an account of every turn among them.
#include "http/event_feed.hpp"
#include "http/session.hpp"

#include <cassert>
#include <limits>

namespace turnomatic::http {

void session::collect_answers() {
  if (!unsent_.empty())
    return;
  while (first_ && first_->what != exchange::state::waiting &&
         context_.batch.size < context_.batch.records.size()) {
    exchange& e = *first_;
    first_ = e.next;
    if (!first_)
      last_ = nullptr;
    --depth_;
    // A request that was under way when the drain began did not know of it.
    if (context_.draining && depth_ == 0 && state_ == state::open) {
      e.frame.connection = connection_field::close;
      state_ = state::finishing;
    }
    append_answer(e);
    context_.exchanges.release(e);
  }
  if (interim_ == interim::due && depth_ == 0 && state_ == state::open) [[unlikely]]
    append_interim_answer();
}

// It belongs to the request that is to come, so it follows the answers of those before.
void session::append_interim_answer() {
  context_.batch.bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  interim_ = interim::sent;
}

void session::append_answer(exchange& e) {
  answer_batch& batch = context_.batch;
  switch (e.what) {
    case exchange::state::turn:
      context_.writer.append_turn(batch.bytes, e.id->text(), e.turn, e.frame);
      break;
    case exchange::state::problem:
      context_.writer.append_problem(batch.bytes, describe(e.problem), e.frame, e.allow,
                                     context_.retry_after_seconds(e.problem, e.retry_in));
      put_into_access_log(e);
      break;
    case exchange::state::document:
      context_.writer.append_document(batch.bytes, e.status, e.content_type, e.body, e.frame,
                                      context_.retry_after_seconds());
      put_into_access_log(e);
      break;
    case exchange::state::no_content:
      context_.writer.append_no_content(batch.bytes, e.allow, e.frame);
      break;
    case exchange::state::stream:
      context_.writer.append_stream(batch.bytes, e.content_type, e.frame);
      subscribes_ = !e.frame.head_only;
      break;
    case exchange::state::waiting:
      break;
  }
  answer_record& record = batch.records[batch.size++];
  record.request = {e.route, e.method, e.status, {}};
  record.arrived = e.arrived;
  record.end = static_cast<std::uint32_t>(batch.bytes.size());
  record.is_turn = e.what == exchange::state::turn && !e.known;
  if (!e.access_target.empty()) [[unlikely]]
    record.access_target.swap(e.access_target);
}

// What an operator wants to see whatever the sample. The target as it was received is gone by now.
void session::put_into_access_log(exchange& e) const {
  const auto what = incident_of_status(e.status);
  if (!what || !e.access_target.empty() || !context_.events.line_due(*what, context_.time.now()))
    return;
  if (e.route == route::turn && e.id)
    e.access_target.assign("/turno/").append(e.id->text());
  else
    e.access_target = "-";
}

void session::tell(incident what) const {
  if (context_.events.line_due(what, context_.time.now()))
    context_.events.client_refused(what, net::peer_text(peer_));
}

// Writes what has been collected. False if the connection cannot go on with input now.
bool session::flush() {
  answer_batch& batch = context_.batch;
  while (!batch.bytes.empty()) {
    boost::system::error_code error;
    const std::size_t written = stream_->write_some(batch.bytes, error);
    const bool broken = error && !net::would_block(error);
    report(std::span{batch.records}.first(batch.size), written,
           broken ? fate_of_rest::lost : fate_of_rest::open);
    if (written < batch.bytes.size() && !broken)
      keep_unsent(written);
    batch.bytes.clear();
    batch.size = 0;
    if (broken) {
      abort(close_reason::error);
      return false;
    }
    if (!unsent_.empty()) {
      stream_->notify_writable();
      update_timer();
      return false;
    }
    collect_answers();  // more than one batch may have been waiting
  }
  linger_if_finished();
  return !closed() && unsent_.empty();
}

// What the kernel did not take of the batch is written and accounted for later.
void session::keep_unsent(std::size_t written) {
  unsent_.assign(context_.batch.bytes, written);
  unsent_begin_ = 0;
  for (answer_record& record : std::span{context_.batch.records}.first(context_.batch.size)) {
    if (record.end <= written)
      continue;
    record.end -= static_cast<std::uint32_t>(written);
    unsent_records_.push_back(std::move(record));
  }
}

// Accounts for answers after a write: for those that end within the first `written` bytes, and for
// the others if they will not be written any more.
void session::report(std::span<answer_record> records, std::size_t written, fate_of_rest rest) {
  const time_point now = context_.time.refresh();
  std::uint32_t issued = 0;
  std::uint32_t burned = 0;
  for (answer_record& record : records) {
    const bool taken = record.end <= written;
    if (!taken && rest == fate_of_rest::open)
      break;
    if (record.is_turn)
      ++(taken ? issued : burned);
    record.request.latency = now - record.arrived;
    if (!taken)
      record.request.status = status_of(rest);
    report_one(record);
  }
  if (issued > 0)
    context_.events.turns_issued(issued);
  if (burned > 0)
    context_.events.turns_burned(burn_reason::client_gone, burned);
  sent_turns_.add(written, issued);
}

void session::report_one(answer_record& record) {
  context_.events.request_answered(record.request);
  if (!record.access_target.empty()) [[unlikely]] {
    context_.events.access(record.request, net::peer_text(peer_), record.access_target);
    record.access_target.clear();
  }
}

void session::on_writable() {
  boost::system::error_code error;
  const std::string_view rest = std::string_view{unsent_}.substr(unsent_begin_);
  const std::size_t written = stream_->write_some(rest, error);
  if (error && !net::would_block(error))
    return abort(close_reason::error);
  unsent_begin_ += written;
  if (written > 0)
    set_timer(timer::write, context_.settings.write_timeout);
  if (unsent_begin_ < unsent_.size())
    return stream_->notify_writable();

  report(unsent_records_, unsent_.size(), fate_of_rest::open);
  std::string{}.swap(unsent_);
  std::vector<answer_record>{}.swap(unsent_records_);
  timer_ = timer::none;
  collect_answers();
  flush();
}

void session::linger_if_finished() {
  if (state_ != state::finishing || depth_ > 0 || !unsent_.empty())
    return;
  if (subscribes_)
    begin_stream();
  else
    begin_linger();
}

void session::begin_stream() {
  if (end_of_input_)
    return abort(close_reason::by_client);
  discard_carry();
  parked_ = false;
  state_ = state::streaming;
  context_.health->subscribe(*this);
}

void session::push(std::string_view bytes) {
  if (unsent_.empty()) {
    boost::system::error_code error;
    const std::size_t written = stream_->write_some(bytes, error);
    if (error && !net::would_block(error))
      return abort(close_reason::error);
    if (written == bytes.size())
      return;
    bytes.remove_prefix(written);
    unsent_begin_ = 0;
    stream_->notify_writable();
  } else if (unsent_.size() + bytes.size() > event_feed::backlog_max) {
    return abort(close_reason::write_timeout);
  }
  unsent_.append(bytes);
  update_timer();
}

// The client has all answers when its side has acknowledged them. To one that has closed its half
// they may still come too late: if it is gone, what it gets is answered with a reset.
void session::begin_linger() {
  assert(depth_ == 0 && unsent_.empty());
  if (end_of_input_)
    end_reason_ = close_reason::by_client;
  if (end_of_input_ && unacknowledged() == 0)
    return abort(end_reason_);
  discard_carry();
  parked_ = false;
  stream_->shutdown_send();
  state_ = state::lingering;
  linger_left_ = std::numeric_limits<std::uint32_t>::max();
  set_timer(timer::linger, linger_ticks);
  if (end_of_input_)
    end_if_acknowledged();
}

// Bytes, as far as they matter: without a turn among them nobody asks the kernel.
std::size_t session::unacknowledged() const noexcept {
  return sent_turns_.any() ? stream_->unacknowledged() : 0;
}

void session::end_if_acknowledged() {
  if (state_ == state::lingering && end_of_input_ && unacknowledged() == 0)
    abort(end_reason_);
}

// A client that has not closed its half and reads slowly gets the time that it would have had for
// an answer that we still hold.
void session::end_linger() {
  const std::size_t left = end_of_input_ ? 0 : unacknowledged();
  if (left == 0 || left >= linger_left_)
    return abort(end_reason_);
  linger_left_ = static_cast<std::uint32_t>(left);
  set_timer(timer::linger, context_.settings.write_timeout);
}

}  // namespace turnomatic::http
