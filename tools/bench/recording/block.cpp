#include "recording/block.hpp"

#include "recording/varint.hpp"

#include <turnomatic/turn.hpp>

#include <optional>

namespace turnomatic::bench {
namespace {

// An observation takes at least this many bytes, so that a count can be checked before anything
// is allocated for it.
constexpr std::size_t observation_size_min = 5;
constexpr unsigned flag_bits = 4;  // outcome (3) and retried (1), below the connection

// Wraps around instead of overflowing: a hostile file must not be undefined behaviour.
constexpr moment difference(moment a, moment b) noexcept {
  return static_cast<moment>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr moment sum(moment a, moment b) noexcept {
  return static_cast<moment>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// So far from the ends of the range that times can be shifted and compared without a thought.
constexpr bool is_moment(moment when) noexcept {
  constexpr moment limit = moment{1} << 61;
  return when > -limit && when < limit;
}

bool makes_sense(const observation& what) noexcept {
  const bool answered = what.result() == outcome::answered;
  return is_moment(what.sent) && is_moment(what.received) && what.turn <= turn_max &&
         (what.turn != 0) == answered;
}

}  // namespace

block_codec::block_codec(const bounds& of)
    : bounds_{of}, last_turn_(of.ids), last_sent_(of.streams) {}

void block_codec::encode(std::uint32_t stream, moment watermark, std::span<const observation> what,
                         std::string& out) {
  moment& last_sent = last_sent_[stream];
  append_varint(out, stream);
  append_varint(out, what.size());
  append_varint(out, fold_sign(difference(watermark, last_sent)));
  for (const observation& each : what) {
    append_varint(out, each.id);
    append_varint(out, std::uint64_t{each.connection} << flag_bits | std::uint64_t{each.what} << 1 |
                           each.retried);
    append_varint(out, fold_sign(static_cast<std::int64_t>(each.turn - last_turn_[each.id])));
    append_varint(out, fold_sign(difference(each.sent, last_sent)));
    append_varint(out, fold_sign(difference(each.received, each.sent)));
    last_turn_[each.id] = each.turn;
    last_sent = each.sent;
  }
}

bool block_codec::decode(std::string_view in, recorded_block& out) {
  const auto stream = take_varint(in);
  const auto count = take_varint(in);
  const auto watermark = take_varint(in);
  if (!stream || !count || !watermark || *stream >= bounds_.streams ||
      *count > in.size() / observation_size_min)
    return false;
  moment& last_sent = last_sent_[*stream];
  out.stream = static_cast<std::uint32_t>(*stream);
  out.watermark = sum(last_sent, unfold_sign(*watermark));
  if (!is_moment(out.watermark))
    return false;
  out.what.clear();
  out.what.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto id = take_varint(in);
    const auto connection = take_varint(in);
    const auto turn = take_varint(in);
    const auto sent = take_varint(in);
    const auto received = take_varint(in);
    if (!id || !connection || !turn || !sent || !received || *id >= bounds_.ids ||
        (*connection >> flag_bits) >= bounds_.connections)
      return false;
    const auto what = static_cast<outcome>(*connection >> 1 & 7U);
    const moment sent_at = sum(last_sent, unfold_sign(*sent));
    const observation each = make_observation(
        static_cast<std::uint32_t>(*id), static_cast<std::uint32_t>(*connection >> flag_bits), what,
        (*connection & 1U) != 0, last_turn_[*id] + static_cast<std::uint64_t>(unfold_sign(*turn)),
        sent_at, sum(sent_at, unfold_sign(*received)));
    if (what > outcome::malformed || !makes_sense(each))
      return false;
    last_turn_[*id] = each.turn;
    last_sent = each.sent;
    out.what.push_back(each);
  }
  return in.empty();
}

}  // namespace turnomatic::bench
