#include "app/named_files.hpp"

#include "app/config/escape.hpp"
#include "app/secret_file.hpp"
#include "backend/redis/tls_stream.hpp"

#include <fstream>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr std::string_view token_key = "admin.token_file";
constexpr std::string_view password_key = "redis.password_file";
constexpr std::string_view ca_key = "redis.tls_ca_file";
constexpr std::string_view certificate_key = "redis.tls_cert_file";
constexpr std::string_view private_key_key = "redis.tls_key_file";

bool uses_tls(const configuration& from) {
  return from.backend == backend_kind::redis && from.redis.target.tls;
}

std::string_view key_of(std::string redis::tls_files::*which) {
  if (which == &redis::tls_files::ca)
    return ca_key;
  return which == &redis::tls_files::certificate ? certificate_key : private_key_key;
}

class checker {
 public:
  explicit checker(const loaded_configuration& loaded) : loaded_{loaded} {}

  void check_secret(std::string_view key, const std::string& path, std::string_view what) {
    if (path.empty())
      return;
    if (const auto secret = read_secret(path, what); !secret)
      refuse(key, path, secret.error().why);
  }

  void check_tls(const redis::tls_files& files) {
    for (const auto& [which, why] : redis::problems_of(files))
      refuse(key_of(which), files.*which, "cannot use the file: " + why.message());
  }

  std::vector<configuration_error> finish() && { return std::move(errors_); }

 private:
  void refuse(std::string_view key, const std::string& path, const std::string& why) {
    errors_.push_back({std::string{key}, loaded_.origins.find(key)->second,
                       std::string{key} + " = " + in_quotes(path) + ": " + escaped(why)});
  }

  const loaded_configuration& loaded_;
  std::vector<configuration_error> errors_;
};

}  // namespace

std::vector<configuration_error> check_named_files(const loaded_configuration& loaded) {
  const configuration& values = loaded.values;
  checker check{loaded};
  check.check_secret(token_key, values.admin.token_file, "token");
  if (values.backend == backend_kind::redis)
    check.check_secret(password_key, values.redis.password_file, "password");
  if (uses_tls(values))
    check.check_tls(
        {values.redis.tls_ca_file, values.redis.tls_cert_file, values.redis.tls_key_file});
  return std::move(check).finish();
}

file_contents::file_contents(const configuration& of) {
  const auto add = [this](std::string_view key, const std::string& path) {
    if (path.empty())
      return;
    std::ifstream file{path, std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    hashes_.emplace(key, std::hash<std::string>{}(content));
  };
  if (of.backend == backend_kind::redis)
    add(password_key, of.redis.password_file);
  if (uses_tls(of)) {
    add(ca_key, of.redis.tls_ca_file);
    add(certificate_key, of.redis.tls_cert_file);
    add(private_key_key, of.redis.tls_key_file);
  }
}

std::vector<std::string> file_contents::differences(const file_contents& other) const {
  std::vector<std::string> keys;
  for (const auto& [key, hash] : hashes_) {
    const auto found = other.hashes_.find(key);
    if (found == other.hashes_.end() || found->second != hash)
      keys.push_back(key);
  }
  return keys;
}

}  // namespace turnomatic::app
