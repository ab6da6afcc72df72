#include "app/redis_credentials.hpp"

#include "backend/redis/wire/tls_stream.hpp"
#include "core/joined.hpp"
#include "telemetry/log.hpp"

#include <utility>
#include <vector>

namespace turnomatic::app {
namespace {

std::string texts_of(const std::vector<configuration_error>& errors) {
  std::vector<std::string> texts;
  for (const configuration_error& error : errors)
    texts.push_back(error.what);
  return joined(texts, "; ");
}

}  // namespace

redis_credentials::redis_credentials(const configuration& how, const named_files& files)
    : initial_{how}, files_{files} {
  if (how.redis.target.tls)
    tls_ = redis::make_tls_context(files.tls());
}

void redis_credentials::look() {
  auto now = read_redis_files_again(initial_, files_);
  tell(texts_of(now.errors));
  if (const auto keys = changed_files(files_, now.files); !keys.empty()) {
    if (tls_)
      tls_ = redis::make_tls_context(now.files.tls());
    files_ = std::move(now.files);
    log::info("files of Redis have changed, new connections use them",
              {{"keys", joined(keys, ",")}});
  }
}

redis::credentials redis_credentials::read() {
  const std::scoped_lock lock{reading_};
  look();
  const std::string& password = files_.redis_password.content;
  return {password.empty() ? initial_.redis.target.password : password, tls_};
}

redis::credentials redis_credentials::sentinel_credentials::read() {
  const std::scoped_lock lock{all_.reading_};
  all_.look();
  return {all_.files_.sentinel_password.content, all_.tls_};
}

void redis_credentials::tell(const std::string& trouble) {
  const std::scoped_lock lock{telling_};
  // Once, however many connections are tried until somebody has mended it.
  if (trouble != trouble_ && !trouble.empty())
    log::warn("files of Redis cannot be used, what they held before stays in use",
              {{"errors", trouble}});
  trouble_ = trouble;
}

std::string redis_credentials::trouble() const {
  const std::scoped_lock lock{telling_};
  return trouble_;
}

}  // namespace turnomatic::app
