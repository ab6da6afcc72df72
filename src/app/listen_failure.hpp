// Why a socket could not be had.
#pragma once

#include <boost/system/error_code.hpp>

#include <string>

namespace turnomatic::app {

/// In one line for the operator.
struct listen_failure {
  std::string message;
};

/// `where` is the endpoint as it was asked for, or the address.
[[nodiscard]] inline listen_failure cannot_listen(const std::string& where,
                                                  const std::string& why) {
  return {"cannot listen on " + where + ": " + why};
}

[[nodiscard]] inline listen_failure cannot_listen(const std::string& where,
                                                  const boost::system::error_code& why) {
  return cannot_listen(where, why.message());
}

}  // namespace turnomatic::app
