// A connection to a target: plain, or under TLS.
#pragma once

#include "load/target.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace turnomatic::bench {

/// What became of an attempt to move bytes.
enum class io_status : std::uint8_t {
  done,
  want_read,   ///< nothing now; try again when the socket is readable
  want_write,  ///< nothing now; try again when it is writable
  closed,      ///< the peer has ended the connection in order
  failed,
};

struct io_result {
  io_status status;
  std::size_t size{0};  ///< bytes moved, if done
};

/// A non-blocking connection that owns its socket. Not thread-safe.
class transport {
 public:
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport();

  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// Carries on with whatever comes before the first byte of HTTP; call it when the socket has
  /// become ready, until it answers done or failed.
  [[nodiscard]] virtual io_status establish();
  [[nodiscard]] virtual io_result read_some(std::span<char> into);
  [[nodiscard]] virtual io_result write_some(std::string_view from);
  /// Whether a read that did not fill its room has emptied the socket, so that whatever comes
  /// later will announce itself.
  [[nodiscard]] virtual bool short_read_empties() const { return true; }

 protected:
  explicit transport(int fd) noexcept : fd_{fd} {}

 private:
  const int fd_;
};

/// What to trust under TLS.
struct tls_settings {
  std::string ca_file;  ///< PEM; empty: the system's certificates
  bool verify{true};    ///< false: any certificate and any name will do
};

/// Opens connections. `open` may be called from several threads at once.
class transport_factory {
 public:
  transport_factory();
  ~transport_factory();
  transport_factory(const transport_factory&) = delete;
  transport_factory& operator=(const transport_factory&) = delete;

  /// Needed before the first `open` of a TLS target.
  [[nodiscard]] boost::system::result<void, complaint> use_tls(const tls_settings& settings);

  /// A connection under way to `where`, or null if there is no socket for it.
  [[nodiscard]] std::unique_ptr<transport> open(const target& where) const;

 private:
  struct tls_context;
  std::unique_ptr<tls_context> tls_;
};

}  // namespace turnomatic::bench
