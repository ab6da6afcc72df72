// For stores that ask for no login and speak no TLS.
#pragma once

#include "backend/redis/wire/credentials.hpp"

namespace turnomatic::support {

class no_credentials final : public redis::credential_source {
 public:
  [[nodiscard]] redis::credentials read() override { return {}; }
};

}  // namespace turnomatic::support
