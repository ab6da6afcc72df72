#include "http/exchange.hpp"

#include "http/session.hpp"

#include <utility>

namespace turnomatic::http {

void exchange::complete(result_type outcome) noexcept {
  if (!owner) {
    pool_.orphan_completed(*this, outcome);
    return;
  }
  settle(outcome);
  owner->on_settled();
}

void exchange::complete_document(
    boost::system::result<std::string, http::problem> outcome) noexcept {
  if (!owner) {
    pool_.release(*this);
    return;
  }
  if (outcome) {
    what = state::document;
    status = 200;
    content_type = "application/json";
    body = std::move(*outcome);
  } else {
    what = state::problem;
    problem = outcome.error();
    status = describe(problem).status;
  }
  owner->on_settled();
}

void exchange::settle(const result_type& outcome) noexcept {
  if (outcome) {
    what = state::turn;
    turn = outcome->first;
    known = outcome->known;
    status = 200;
    return;
  }
  what = state::problem;
  problem = problem_of(outcome.error());
  status = describe(problem).status;
}

exchange& exchange_pool::acquire() {
  if (!free_) {
    all_.push_back(std::make_unique<exchange>(*this));
    free_ = all_.back().get();
  }
  exchange& e = *free_;
  free_ = e.next;
  e.next = nullptr;
  return e;
}

void exchange_pool::release(exchange& e) noexcept {
  e.owner = nullptr;
  e.what = exchange::state::waiting;
  e.allow = {};
  e.id.reset();
  // A scraped page is large and rare; a recycled exchange must not hold on to its memory.
  if (!e.body.empty())
    std::string{}.swap(e.body);
  e.access_target.clear();
  e.key = {};
  e.next = free_;
  free_ = &e;
}

void exchange_pool::orphan_completed(exchange& e, const exchange::result_type& outcome) noexcept {
  if (outcome && !outcome->known)
    events_.turns_burned(burn_reason::client_gone, outcome->count);
  release(e);
}

}  // namespace turnomatic::http
