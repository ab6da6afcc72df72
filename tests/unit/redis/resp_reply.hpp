// A reply from its bytes.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"

#include <stdexcept>
#include <string_view>

namespace turnomatic::redis {

/// Holds the reader that the reply belongs to.
class resp_reply {
 public:
  explicit resp_reply(std::string_view bytes) {
    reader_.feed(bytes);
    value_ = reader_.next();
    if (value_ == nullptr)
      throw std::invalid_argument{"these bytes are no reply"};
  }
  [[nodiscard]] const reply& value() const noexcept { return *value_; }

 private:
  reply_reader reader_;
  const reply* value_{nullptr};
};

}  // namespace turnomatic::redis
