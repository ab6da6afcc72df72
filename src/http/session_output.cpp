// The half of a session that writes: answers in the order of the requests, in one call for all
// that are ready, and an account of every turn among them.
#include "http/session.hpp"

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
}

void session::append_answer(exchange& e) {
  answer_batch& batch = context_.batch;
  switch (e.what) {
    case exchange::state::turn:
      context_.writer.append_turn(batch.bytes, e.id->text(), e.turn, e.frame.connection);
      break;
    case exchange::state::problem:
      context_.writer.append_problem(batch.bytes, describe(e.problem), e.frame, e.allow,
                                     context_.retry_after_seconds(e.problem));
      break;
    case exchange::state::document:
      context_.writer.append_document(batch.bytes, e.status, e.content_type, e.body, e.frame,
                                      context_.retry_after_seconds());
      break;
    case exchange::state::waiting:
      break;
  }
  answer_batch::record& record = batch.records[batch.size++];
  record.request = {e.route, e.method, e.status, {}};
  record.arrived = e.arrived;
  record.end = static_cast<std::uint32_t>(batch.bytes.size());
  record.is_turn = e.what == exchange::state::turn;
  if (!e.access_target.empty()) [[unlikely]]
    record.access_target.swap(e.access_target);
}

// Writes what has been collected. False if the connection cannot go on with input now.
bool session::flush() {
  answer_batch& batch = context_.batch;
  while (batch.size > 0) {
    boost::system::error_code error;
    const std::size_t written = stream_->write_some(batch.bytes, error);
    const bool broken = error && !net::would_block(error);
    report(written, broken);
    if (written < batch.bytes.size() && !broken) {
      unsent_.assign(batch.bytes, written);
      unsent_begin_ = 0;
    }
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

// Accounts for the batch after a write that took its first `written` bytes.
void session::report(std::size_t written, bool broken) {
  answer_batch& batch = context_.batch;
  const time_point now = context_.time.refresh();
  std::uint64_t issued = 0;
  std::uint64_t burned = 0;
  for (std::size_t i = 0; i < batch.size; ++i) {
    answer_batch::record& record = batch.records[i];
    record.request.latency = now - record.arrived;
    context_.events.request_answered(record.request);
    if (!record.access_target.empty()) [[unlikely]] {
      context_.events.access(record.request, stream_->peer(), record.access_target);
      record.access_target.clear();
    }
    if (!record.is_turn)
      continue;
    if (record.end <= written)
      ++issued;
    else if (broken)
      ++burned;
    else
      unsent_turns_.push_back(record.end - static_cast<std::uint32_t>(written));
  }
  if (issued > 0)
    context_.events.turns_issued(issued);
  if (burned > 0)
    context_.events.turns_burned(burn_reason::client_gone, burned);
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

  context_.events.turns_issued(unsent_turns_.size());
  std::string{}.swap(unsent_);
  std::vector<std::uint32_t>{}.swap(unsent_turns_);
  timer_ = timer::none;
  collect_answers();
  flush();
}

void session::linger_if_finished() {
  if (state_ == state::finishing && depth_ == 0 && unsent_.empty())
    begin_linger();
}

void session::begin_linger() {
  discard_carry();
  parked_ = false;
  stream_->shutdown_send();
  if (end_of_input_)
    return abort(close_reason::by_client);
  state_ = state::lingering;
  set_timer(timer::linger, linger_ticks);
}

}  // namespace turnomatic::http
