// What a proxy does to what goes through it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace turnomatic::support {

enum class direction { to_server, to_client };

/// How the client sees the end of its connection: in good order, or as a reset.
enum class cut_by { fin, reset };

/// The connection ends as soon as so many bytes have gone on; with 0, when the first arrives,
/// which does not go on.
struct planned_cut {
  std::uint64_t after_bytes{0};
  cut_by how{cut_by::reset};
};

/// What the server has sent, as it was received at once.
struct reply_chunk {
  std::uint64_t connection;    ///< from 1, in the order in which they were accepted
  std::uint64_t bytes_before;  ///< on this connection, from the server
  std::string_view bytes;
};
/// Says whether the connection is cut within this chunk, after how many of its bytes. More than
/// there are stand for all of them.
using reply_script = std::function<std::optional<planned_cut>(const reply_chunk&)>;

/// What happens in one direction, on every connection.
struct flow_faults {
  std::chrono::microseconds delay{0};
  std::size_t piece_bytes{0};  ///< 0: in no pieces
  std::chrono::microseconds piece_pause{0};
  bool held{false};
  std::optional<planned_cut> cut;
  std::uint64_t cut_number{0};  ///< tells one plan from the next
  std::uint64_t cuts_left{0};
};

struct proxy_faults {
  flow_faults to_server;
  flow_faults to_client;
  reply_script script;
};

}  // namespace turnomatic::support
