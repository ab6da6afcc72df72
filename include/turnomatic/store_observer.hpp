// What a backend that counts in a remote store tells whoever measures it.
#pragma once

#include <turnomatic/breaker.hpp>
#include <turnomatic/observer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnomatic {

/// Why a call to a store failed. The breaker counts each.
enum class store_failure : std::uint8_t {
  connect,        ///< no connection, or its set-up was not answered as it must be
  lost,           ///< a connection ended, or stood still for too long
  deadline,       ///< requests ended by their deadline before the store had answered
  refused,        ///< the store answered that it does not do it now
  protocol,       ///< what came back is not an answer to what was sent
  not_replicated  ///< too few replicas held what requests waited for by their deadline
};
inline constexpr std::size_t store_failure_count = 6;
inline constexpr std::array<std::string_view, store_failure_count> store_failure_labels{
    "connect", "lost", "deadline", "refused", "protocol", "not_replicated"};

/// What a store that answers says against doing what it was asked for, or against talking at all.
enum class store_refusal : std::uint8_t {
  full,         ///< it has no memory left, and evicts nothing
  misconf,      ///< it cannot write to its disk, and stops writes for that
  busy,         ///< a script has been running for too long
  noreplicas,   ///< it has fewer replicas than it needs to take writes
  readonly,     ///< it is a replica (by now)
  loading,      ///< it is still reading its data
  clusterdown,  ///< it has lost sight of the others that it belongs to
  auth,         ///< the login is missing, or wrong
  noperm,       ///< this user may not do it
  maxclients,   ///< it has no place for a further connection
  other         ///< its words tell
};
inline constexpr std::size_t store_refusal_count = 11;
inline constexpr std::array<std::string_view, store_refusal_count> store_refusal_labels{
    "full",        "misconf", "busy",   "noreplicas", "readonly", "loading",
    "clusterdown", "auth",    "noperm", "maxclients", "other"};

/// What an operator may want to read about a store, later.
enum class store_event : std::uint8_t {
  connected,
  connect_failed,
  connection_lost,
  founded,         ///< a store was founded where there was none
  lost,            ///< it is another store, or a lane's record is not where the lane left it
  recovering,      ///< the server has restarted: the store is closed until all were heard
  recovered,       ///< it is open again, or is the right one again; `detail`: who was not heard
  counter_behind,  ///< one counter was behind what had been issued
  turns_burned     ///< turns were taken, or may have been, and reached nobody
};
inline constexpr std::size_t store_event_count = 9;
inline constexpr std::array<std::string_view, store_event_count> store_event_labels{
    "connected",  "connect_failed", "connection_lost", "founded",     "lost",
    "recovering", "recovered",      "counter_behind",  "turns_burned"};

/// Listens to one worker's backend, on its thread. Nothing here blocks, and the function that is
/// called for every packet does not allocate.
class store_observer {
 public:
  virtual ~store_observer() = default;

  /// A packet was executed. `turns` as asked for by its batches together.
  virtual void packet_answered(std::size_t batches, std::uint64_t turns,
                               duration took) noexcept = 0;
  virtual void call_failed(store_failure why) noexcept = 0;
  virtual void turns_burned(burn_reason why, std::uint64_t count) noexcept = 0;
  virtual void breaker_changed(breaker_state from, breaker_state to,
                               breaker_reason why) noexcept = 0;
  /// `text` is the store's own.
  virtual void refused(store_refusal kind, std::string_view text) noexcept = 0;
  /// `detail` is for people; it holds no secret and may hold what the store sent.
  virtual void happened(store_event what, std::string_view detail) noexcept = 0;
};

}  // namespace turnomatic
