// From a host name to addresses, without ever waiting for the resolver.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnomatic::net {

/// Looks up one name at a time, on a thread that is left to itself when nobody wants the outcome
/// any more: getaddrinfo(3) cannot be interrupted and may take half a minute, and neither the
/// destructor nor the end of the process waits for it.
///
/// Asio's resolver does: destroying its context joins the thread that looks up.
///
/// Used by the event loop's thread.
class name_lookup {
 public:
  using addresses = std::vector<boost::asio::ip::tcp::endpoint>;
  using outcome = boost::system::result<addresses>;
  /// What blocks; called on a thread of its own, possibly after the look-up is destroyed.
  using resolver = std::function<outcome(const std::string& host, std::uint16_t port)>;
  using completion = std::function<void(const outcome&)>;

  /// Another `resolve` than the system's is for tests. `loop` must outlive the look-up.
  explicit name_lookup(boost::asio::io_context& loop, resolver resolve = resolve_blocking);
  ~name_lookup();
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  /// The loop, which has other work to do, calls `done` once unless `start` or `cancel` comes
  /// first. A resolver that still
  /// works on the same name is waited for instead of asked again: one that hangs costs one thread.
  void start(const std::string& host, std::uint16_t port, completion done);
  void cancel() noexcept;

  [[nodiscard]] static outcome resolve_blocking(const std::string& host, std::uint16_t port);

 private:
  struct attempt;

  void give_up() noexcept;
  void finish(const outcome& found);

  boost::asio::io_context& loop_;
  const resolver resolve_;
  completion done_;                     // empty: nobody waits
  std::shared_ptr<attempt> under_way_;  // the resolver has not answered yet
};

}  // namespace turnomatic::net
