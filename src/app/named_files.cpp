#include "app/named_files.hpp"

#include "app/config/escape.hpp"
#include "app/secret_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr std::string_view token_key = "admin.token_file";
using redis_settings = decltype(configuration::redis);
using tls_settings = decltype(redis_settings::tls);

/// A password for connections to the store, wherever it is spoken of.
struct password_part {
  std::string_view key;
  const std::string& (*path)(const redis_settings& from);
  bool (*is_used)(const redis_settings& from);
  named_file named_files::*file;
};

constexpr std::array password_parts{
    password_part{
        "redis.password_file",
        [](const redis_settings& from) -> const std::string& { return from.password_file; },
        [](const redis_settings&) { return true; }, &named_files::redis_password},
    password_part{
        "redis.sentinel_password_file",
        [](const redis_settings& from) -> const std::string& {
          return from.sentinel.password_file;
        },
        [](const redis_settings& from) { return from.target.topology == redis_topology::sentinel; },
        &named_files::sentinel_password}};

/// A file of TLS, likewise.
struct pem_part {
  std::string_view key;
  std::string tls_settings::*path;
  named_file named_files::*file;
  std::string redis::tls_material::*material;
};

constexpr std::array pem_parts{
    pem_part{"redis.tls_ca_file", &tls_settings::ca_file, &named_files::tls_ca,
             &redis::tls_material::ca},
    pem_part{"redis.tls_cert_file", &tls_settings::cert_file, &named_files::tls_certificate,
             &redis::tls_material::certificate},
    pem_part{"redis.tls_key_file", &tls_settings::key_file, &named_files::tls_key,
             &redis::tls_material::key}};

// The largest of them is a bundle of authorities; Debian's has 220 KB.
constexpr std::size_t pem_bytes_max = 4 * 1024 * 1024;

bool uses_tls(const configuration& from) {
  return from.backend == backend_kind::redis && from.redis.target.tls;
}

class reader {
 public:
  using origins = std::function<origin(std::string_view key)>;

  reader(origins origin_of, occasion when) : origin_of_{std::move(origin_of)}, when_{when} {}

  named_file read_secret(std::string_view key, const std::string& path, secret_kind kind) {
    named_file file = read(key, path, bytes_of_secret_file(kind));
    if (file.path.empty())
      return file;
    auto secret = secret_of(file.content, kind);
    if (!secret)
      return refuse(key, path, secret.error().why);
    file.content = std::move(*secret);
    return file;
  }

  named_file read_pem(std::string_view key, const std::string& path) {
    named_file file = read(key, path, pem_bytes_max);
    if (file.path.empty())
      return file;
    if (file.content.size() > pem_bytes_max)
      return refuse(key, path, "more than " + std::to_string(pem_bytes_max) + " bytes");
    // For nothing at all the system's authorities would be taken.
    return file.content.empty() ? refuse(key, path, "the file is empty") : file;
  }

  // What could not be read was reported as that, and is not looked at.
  void check_tls(const configuration& values, const named_files& files) {
    for (const auto& [which, why] : redis::problems_of(files.tls())) {
      for (const pem_part& part : pem_parts) {
        const std::string& path = values.redis.tls.*part.path;
        if (part.material == which && (files.*part.file).path == path)
          refuse(part.key, path, "cannot use the file: " + why.message());
      }
    }
  }

  [[nodiscard]] std::size_t failures() const noexcept { return errors_.size(); }
  std::vector<configuration_error> finish() && { return std::move(errors_); }

 private:
  named_file read(std::string_view key, const std::string& path, std::size_t bytes_max) {
    if (path.empty())
      return {};
    std::error_code unknown;
    const bool once = when_ == occasion::start && !std::filesystem::is_regular_file(path, unknown);
    auto text = read_file(path, bytes_max, when_);
    if (!text)
      return refuse(key, path, "cannot read the file: " + text.error().why);
    return {path, std::move(*text), once};
  }

  // Returns no file.
  named_file refuse(std::string_view key, const std::string& path, const std::string& why) {
    errors_.push_back({std::string{key}, origin_of_(key),
                       std::string{key} + " = " + in_quotes(path) + ": " + escaped(why)});
    return {};
  }

  const origins origin_of_;
  const occasion when_;
  std::vector<configuration_error> errors_;
};

}  // namespace

named_files_read read_named_files(const loaded_configuration& loaded, occasion when) {
  const configuration& values = loaded.values;
  reader from{[&](std::string_view key) { return loaded.origins.find(key)->second; }, when};
  named_files files;
  files.admin_token = from.read_secret(token_key, values.admin.token_file, secret_kind::token);
  for (const password_part& part : password_parts) {
    if (values.backend == backend_kind::redis && part.is_used(values.redis))
      files.*part.file = from.read_secret(part.key, part.path(values.redis), secret_kind::password);
  }
  if (uses_tls(values)) {
    for (const pem_part& part : pem_parts)
      files.*part.file = from.read_pem(part.key, values.redis.tls.*part.path);
    from.check_tls(values, files);
  }
  return {std::move(files), std::move(from).finish()};
}

named_files_read read_redis_files_again(const configuration& values, const named_files& in_use) {
  reader from{[](std::string_view) { return origin{}; }, occasion::reload};
  named_files files = in_use;
  for (const password_part& part : password_parts) {
    const named_file& before = in_use.*part.file;
    if (before.path.empty() || before.once)
      continue;
    named_file now = from.read_secret(part.key, before.path, secret_kind::password);
    if (!now.path.empty())
      files.*part.file = std::move(now);
  }
  const std::size_t failures = from.failures();
  bool tls_changed = false;
  for (const pem_part& part : pem_parts) {
    const named_file& before = in_use.*part.file;
    if (before.path.empty() || before.once)
      continue;
    files.*part.file = from.read_pem(part.key, before.path);
    tls_changed |= (files.*part.file).content != before.content;
  }
  // To take a bundle of authorities apart takes milliseconds.
  if (tls_changed && from.failures() == failures)
    from.check_tls(values, files);
  if (from.failures() != failures) {
    for (const pem_part& part : pem_parts)
      files.*part.file = in_use.*part.file;
  }
  return {std::move(files), std::move(from).finish()};
}

std::vector<std::string> changed_files(const named_files& in_force, const named_files& later) {
  std::vector<std::string> keys;
  // Another path is another value of the key, and reported as that.
  const auto compare = [&keys](std::string_view key, const named_file& before,
                               const named_file& after) {
    if (before.path == after.path && before.content != after.content)
      keys.emplace_back(key);
  };
  for (const password_part& part : password_parts)
    compare(part.key, in_force.*part.file, later.*part.file);
  for (const pem_part& part : pem_parts)
    compare(part.key, in_force.*part.file, later.*part.file);
  return keys;
}

}  // namespace turnomatic::app
