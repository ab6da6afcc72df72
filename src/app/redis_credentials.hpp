// The logins and the certificates of connections to Redis and to sentinels, as their files hold
// them.
#pragma once

#include "app/named_files.hpp"
#include "backend/redis/wire/credentials.hpp"

#include <turnomatic/config.hpp>

#include <mutex>
#include <string>

namespace turnomatic::app {

/// Reads the files again for each connection. One that cannot be read or used leaves what it held
/// before in use; the log and `trouble` say so. A file that was a pipe at the start is never read
/// again. Thread-safe.
class redis_credentials final : public redis::credential_source {
 public:
  /// `files` as the start has read them. Throws boost::system::system_error if what they hold for
  /// TLS cannot be used.
  redis_credentials(const configuration& how, const named_files& files);

  [[nodiscard]] redis::credentials read() override;
  /// For connections to sentinels: their password, and the same certificates. Lives as long.
  [[nodiscard]] redis::credential_source& of_sentinels() noexcept { return of_sentinels_; }
  /// Why some of them are not in use as they are now; empty if all are.
  [[nodiscard]] std::string trouble() const;

 private:
  class sentinel_credentials final : public redis::credential_source {
   public:
    explicit sentinel_credentials(redis_credentials& all) noexcept : all_{all} {}
    [[nodiscard]] redis::credentials read() override;

   private:
    redis_credentials& all_;
  };

  /// What the files hold now. With `reading_` held.
  void look();
  void tell(const std::string& trouble);

  sentinel_credentials of_sentinels_{*this};
  const configuration initial_;  // as it was at the start
  std::mutex reading_;
  named_files files_;  // in use
  std::shared_ptr<boost::asio::ssl::context> tls_;
  // Of its own: who watches the instance must not wait for a disk.
  mutable std::mutex telling_;
  std::string trouble_;
};

}  // namespace turnomatic::app
