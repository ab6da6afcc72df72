// What is known of a server from where it was found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace turnomatic::redis {

struct server_place {
  std::string address;  ///< for people
  std::optional<std::uint32_t>
      replicas;  ///< known to whoever named it; nothing: nobody has said so
};

}  // namespace turnomatic::redis
