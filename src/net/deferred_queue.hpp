// What waits until the sockets that are ready have been served.
#pragma once

#include "net/deferred.hpp"
#include "net/loop_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

namespace turnomatic::net {

/// The deferred work of one thread, the oldest first. The poller has it run between two looks at
/// the sockets; while the poller is not at work, the io_context does, soon.
///
/// Used by the io_context's thread only.
class deferred_queue {
 public:
  /// No more of it runs at a time, so that many which always have more to do hold up a socket no
  /// longer than that few.
  static constexpr int run_max = 32;

  /// `time` is refreshed before work that no socket brought. Both must outlive the queue.
  deferred_queue(boost::asio::io_context& io, loop_clock& time);

  /// Once, however often it is added until it runs. Never runs within the call.
  void add(deferred_work& work);
  [[nodiscard]] bool empty() const noexcept { return work_.empty(); }

  // For the poller, which calls `run` until it calls `end_rounds`.
  void begin_rounds() noexcept { in_rounds_ = true; }
  void run();
  void end_rounds();

 private:
  void post();

  boost::asio::io_context& io_;
  loop_clock& time_;
  boost::intrusive::list<deferred_work, boost::intrusive::base_hook<deferred_hook>,
                         boost::intrusive::constant_time_size<false>>
      work_;
  bool in_rounds_{false};
  bool posted_{false};
};

}  // namespace turnomatic::net
