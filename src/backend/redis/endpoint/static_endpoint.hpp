// A primary whose place the configuration names.
#pragma once

#include "backend/redis/endpoint/store_endpoint.hpp"
#include "net/name_lookup.hpp"

#include <turnomatic/redis_target.hpp>

#include <boost/asio/io_context.hpp>

#include <string>

namespace turnomatic::redis {

/// The first host of a target, or its unix socket. A name is looked up each time.
class static_endpoint final : public store_endpoint {
 public:
  /// `server_name`, empty: the host. `io` must outlive it.
  static_endpoint(boost::asio::io_context& io, const redis_target& target,
                  const std::string& server_name,
                  net::name_lookup::resolver resolver = net::name_lookup::resolve_blocking);

  void resolve(time_point deadline, completion done) override;
  void cancel() noexcept override { lookup_.cancel(); }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }

 private:
  const redis_target target_;
  const std::string server_name_;
  const std::string name_;
  net::name_lookup lookup_;
};

}  // namespace turnomatic::redis
