// The life of one instance, from its sockets to its end.
#pragma once

#include "app/config/reload.hpp"
#include "app/descriptor_plan.hpp"
#include "app/event_thread.hpp"
#include "app/instance.hpp"
#include "app/named_files.hpp"
#include "app/signals.hpp"
#include "app/store.hpp"
#include "app/supervisor.hpp"
#include "app/worker_count.hpp"
#include "core/drain_sequence.hpp"
#include "core/open_work.hpp"
#include "http/connection_limits.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace turnomatic::app {

/// Owns everything that runs. The workers serve; the calling thread only waits for signals
/// and looks after the rest.
///
/// A signal that asks for a drain (signals.hpp) begins one, see drain_sequence; a second one ends
/// the process at once.
class service {
 public:
  /// Makes the store; opens nothing yet. Throws if what the files hold cannot be used, or if there
  /// is too little of something, descriptors included, for as many workers or ids.
  service(loaded_configuration loaded, configuration_sources sources, named_files files,
          telemetry::build_information build);
  ~service();
  service(const service&) = delete;
  service& operator=(const service&) = delete;

  /// Opens the sockets. Otherwise the reason, in one line.
  [[nodiscard]] boost::system::result<void, listen_failure> open();
  /// Serves until told to end.
  void run();

 private:
  void listen_for_callers(listening_set sockets);
  void listen_for_operators(listening_set sockets);
  [[nodiscard]] const configuration& settings() const noexcept { return loaded_.values; }

  void make_threads();
  [[nodiscard]] event_thread::duties duties_of_operations();
  void announce();
  void on_signal(const received_signal& signal);
  void reload_configuration();
  void take_over(named_files later);
  void begin_drain(const received_signal& signal, duration delay);
  void keep_stopping();
  void look_after();
  void advance_drain();
  void end();
  void keep_watchdog();

  loaded_configuration loaded_;
  const configuration_sources sources_;
  const telemetry::build_information build_;
  const worker_count worker_count_;
  const std::uint32_t workers_;
  const std::uint64_t descriptors_;
  const descriptor_plan plan_;  // as of the start
  named_files files_;           // in force
  const std::unique_ptr<store> counters_;
  http::connection_limits limits_;
  open_work work_;
  http::connection_limits operator_limits_;
  instance instance_;
  std::deque<event_thread> threads_;  // the workers, then the one for operators
  std::vector<std::string> listening_on_;
  std::vector<std::string> operators_on_;
  std::vector<unix_socket_file> callers_files_;
  std::vector<unix_socket_file> operators_files_;

  supervisor supervisor_;
  drain_sequence drain_;
  boost::asio::io_context control_;
  std::optional<signal_inbox> signals_;  // while it runs
  boost::asio::steady_timer look_timer_;
  boost::asio::steady_timer watchdog_timer_;
  boost::asio::steady_timer extension_timer_;
};

}  // namespace turnomatic::app
