#include "app/service.hpp"

#include "app/config/print.hpp"
#include "app/descriptor_limit.hpp"
#include "app/logging_administrator.hpp"
#include "core/joined.hpp"
#include "telemetry/log.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr std::chrono::milliseconds look_period{250};
constexpr std::chrono::milliseconds drain_look_period{20};
// The service manager is told this often that a drain goes on, and believes it for so long: enough
// for the end as well, when nobody tells it any more.
constexpr std::chrono::seconds extension_period{1};
constexpr std::chrono::seconds extension{10};

// Of the log, when told to end at once.
constexpr std::chrono::milliseconds last_flush{300};

http::tick ticks(std::chrono::milliseconds length) {
  const auto rounded_up = length + http::tick_length - std::chrono::milliseconds{1};
  return static_cast<http::tick>(rounded_up / http::tick_length);
}

http::session_settings session_settings_of(const configuration& from) {
  return {.request_deadline = from.request_deadline,
          .header_max = from.http.header_max,
          .header_timeout = ticks(from.http.header_timeout),
          .idle_timeout = ticks(from.http.idle_timeout),
          .write_timeout = ticks(from.http.write_timeout),
          .access_sample = from.log.access_sample,
          .cors_origins = from.http.cors_origins};
}

// Each thread takes memory for its stack, and descriptors: who asks for more of them than there are
// is told by which key.
template <class Task>
void make_workers_or_blame(std::uint32_t workers, Task make) {
  try {
    make();
  } catch (const std::bad_alloc&) {
    throw std::runtime_error{"workers = " + std::to_string(workers) + ": out of memory"};
  } catch (const std::exception& error) {  // of std or Boost
    throw std::runtime_error{"workers = " + std::to_string(workers) + ": " + error.what()};
  }
}

}  // namespace

service::service(loaded_configuration loaded, configuration_sources sources, named_files files,
                 telemetry::build_information build)
    : loaded_{std::move(loaded)},
      sources_{std::move(sources)},
      build_{std::move(build)},
      worker_count_{choose_worker_count(settings().workers, read_processor_limits())},
      workers_{worker_count_.count},
      descriptors_{claim_descriptors(settings(), workers_)},
      plan_{plan_of(settings(), workers_, descriptors_)},
      files_{std::move(files)},
      counters_{make_store(settings(), files_)},
      limits_{plan_.connections, settings().http.max_connections_per_address,
              plan_.refused_per_thread},
      work_{workers_},
      operator_limits_{plan_.operator_connections, 0, plan_.refused_per_thread},
      instance_{build_, *counters_, limits_, workers_},
      look_timer_{control_},
      watchdog_timer_{control_},
      extension_timer_{control_} {
  make_workers_or_blame(workers_, [this] { make_threads(); });
}

void service::make_threads() {
  const http::session_settings sessions = session_settings_of(settings());
  for (std::uint32_t i = 0; i < workers_; ++i)
    threads_.emplace_back(
        "worker-" + std::to_string(i),
        event_thread::duties{.count =
                                 [this, i](net::event_loop& loop, store_observer& events) {
                                   return counters_->make_backend(loop, events, i);
                                 },
                             .administer = {}},
        instance_, limits_, sessions);
  threads_.emplace_back("operations", duties_of_operations(), instance_, operator_limits_,
                        sessions);
}

event_thread::duties service::duties_of_operations() {
  event_thread::duties duties;
  duties.administer = [this](net::event_loop& loop) {
    return std::make_unique<http::admin_handler>(
        std::make_unique<logging_administrator>(counters_->make_administrator(loop)),
        files_.admin_token.content);
  };
  return duties;
}

// All of them before the first is destroyed: each answers for the health of the others.
service::~service() {
  for (event_thread& each : threads_)
    each.stop();
}

boost::system::result<void, listen_failure> service::open() {
  auto inherited = take_inherited_sockets();
  if (!inherited)
    return inherited.error();
  boost::system::result<listening_set, listen_failure> callers{std::move(inherited->callers)};
  boost::system::result<listening_set, listen_failure> operators{std::move(inherited->operators)};
  const std::uint32_t backlog = settings().http.backlog;
  if (callers->empty())
    callers = open_listening_set(settings().listen, workers_, backlog);
  if (!callers)
    return callers.error();
  if (operators->empty())
    operators = open_listening_set({settings().ops_listen}, 1, backlog);
  if (!operators)
    return operators.error();
  listen_for_callers(std::move(*callers));
  listen_for_operators(std::move(*operators));
  return {};
}

void service::listen_for_callers(listening_set sockets) {
  listening_on_ = sockets.addresses();
  callers_files_ = std::move(sockets.files);
  std::vector<event_thread*> all;
  all.reserve(workers_);
  for (std::uint32_t i = 0; i < workers_; ++i)
    all.push_back(&threads_[i]);
  for (std::size_t i = 0; i < sockets.own.size(); ++i)
    threads_[i].listen(std::move(sockets.own[i]));
  std::uint32_t next = 0;
  for (listening_socket& socket : sockets.shared)
    threads_[next++ % workers_].listen_for(all, std::move(socket));
}

void service::listen_for_operators(listening_set sockets) {
  operators_on_ = sockets.addresses();
  operators_files_ = std::move(sockets.files);
  for (listening_sockets& own : sockets.own)
    threads_.back().listen(std::move(own));
  threads_.back().listen(std::move(sockets.shared));
}

void service::run() {
  signals_.emplace(control_, [this](const received_signal& signal) { on_signal(signal); });
  make_workers_or_blame(workers_, [this] {
    for (event_thread& each : threads_)
      each.start();
  });

  instance_.enter(stage::serving);
  announce();
  look_after();
  keep_watchdog();
  control_.run();
  log::info("ended");
}

void service::announce() {
  log::info("listening", {{"address", joined(listening_on_, ",")},
                          {"operations", joined(operators_on_, ",")},
                          {"backend", counters_->name()},
                          {"workers", workers_},
                          {"workers_limited_by", worker_count_.limited_by},
                          {"version", build_.version},
                          {"note", counters_->note()}});
  if (!loaded_.ignored_variables.empty())
    log::warn("variables ignored, which Docker or Kubernetes seem to have set",
              {{"variables", joined(loaded_.ignored_variables, ",")}});
  supervisor_.notify_ready("serving on " + joined(listening_on_, ","));
}

void service::on_signal(const received_signal& signal) {
  const bool draining = drain_.current_phase() != drain_sequence::phase::serving;
  const signal_request request = request_of(signal.number);
  if (request == signal_request::reload) {
    if (draining)
      return log::warn("draining: the configuration is not read again");
    return reload_configuration();
  }
  if (draining) {
    log::warn("second signal: ending at once", {{"signal", name_of_signal(signal.number)},
                                                {"sender_pid", signal.sender_pid},
                                                {"sender_uid", signal.sender_uid}});
    log::flush(last_flush);
    end_by_signal(signal.number);
  }
  begin_drain(signal, request == signal_request::drain ? settings().drain.delay : duration::zero());
}

void service::reload_configuration() {
  supervisor_.notify_reloading();
  named_files files;
  auto outcome = reload(loaded_, sources_, [&files](const loaded_configuration& next) {
    auto named = read_named_files(next, occasion::reload);
    files = std::move(named.files);
    return std::move(named.errors);
  });
  if (outcome) {
    loaded_ = std::move(outcome->applied);
    log::set_level(settings().log.level);
    limits_.set_limits(plan_of(settings(), workers_, descriptors_).connections,
                       settings().http.max_connections_per_address);
    for (event_thread& each : threads_)
      each.post([sessions = session_settings_of(settings())](http::server& server) {
        server.apply(sessions);
      });
    counters_->apply(settings());
    instance_.reload_applied();
    log::info("configuration reloaded", {{"changed", joined(outcome->changed, ",")}});
    if (!outcome->needs_restart.empty())
      log::warn("configuration keys need a restart",
                {{"keys", joined(outcome->needs_restart, ",")}});
    take_over(std::move(files));
  } else {
    std::string why = report(outcome.error());
    why.pop_back();  // the end of its last line
    log::error("configuration rejected, the previous one stays", {{"errors", why}});
    instance_.reload_rejected(why);
  }
  supervisor_.notify_ready("serving on " + joined(listening_on_, ","));
}

void service::take_over(named_files later) {
  const bool same_token = later.admin_token.content == files_.admin_token.content;
  files_.admin_token = std::move(later.admin_token);
  if (same_token)
    return;
  const std::string& token = files_.admin_token.content;  // empty: /admin/* is switched off
  threads_.back().set_admin_token(token);
  log::info(token.empty() ? "administration is switched off" : "administration has another token");
}

void service::begin_drain(const received_signal& signal, duration delay) {
  log::info("draining",
            {{"signal", name_of_signal(signal.number)},
             {"sender_pid", signal.sender_pid},
             {"sender_uid", signal.sender_uid},
             {"delay_ms", std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()}});
  supervisor_.notify_stopping();
  keep_stopping();
  instance_.enter(stage::draining);
  drain_.begin(clock::now(), delay, settings().drain.timeout);
  look_timer_.cancel();  // look_after goes on at the pace of a drain
  look_after();
}

void service::keep_stopping() {
  supervisor_.extend_timeout(extension);
  extension_timer_.expires_after(extension_period);
  extension_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      keep_stopping();
  });
}

void service::look_after() {
  supervisor_.repeat();
  instance_.assess(clock::now());
  const bool draining = drain_.current_phase() != drain_sequence::phase::serving;
  if (draining)
    advance_drain();
  if (drain_.current_phase() == drain_sequence::phase::ended)
    return;
  look_timer_.expires_after(draining ? drain_look_period : look_period);
  look_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      look_after();
  });
}

void service::advance_drain() {
  // What was taken for a client that has gone must be known before nobody is left to count it.
  const open_work::counts open =
      work_.count([this] { return std::size_t{limits_.total()} + limits_.refused(); },
                  [this] { return counters_->under_way(); });
  switch (drain_.advance(clock::now(), open.sum())) {
    case drain_sequence::step::none:
      return;
    case drain_sequence::step::close_listeners:
      // First, so that nobody finds a socket that is about to close.
      callers_files_.clear();
      // The operations listener stays to the end: operators want to watch.
      for (std::uint32_t i = 0; i < workers_; ++i)
        threads_[i].post([this](http::server& server) {
          server.drain();
          work_.stopped_listening();
        });
      return;
    case drain_sequence::step::cut:
      log::warn("drain timeout: cutting connections",
                {{"connections", open.connections}, {"batches_of_unknown_outcome", open.takes}});
      return end();
    case drain_sequence::step::end:
      return end();
  }
}

void service::end() {
  signals_->close();  // nobody would read them while we wait for the threads
  operators_files_.clear();
  for (event_thread& each : threads_)
    each.stop();
  control_.stop();
}

void service::keep_watchdog() {
  const auto period = watchdog_period();
  if (!period)
    return;
  if (instance_.live())
    supervisor_.notify_alive();
  watchdog_timer_.expires_after(*period);
  watchdog_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      keep_watchdog();
  });
}

}  // namespace turnomatic::app
