#include "model/random_history.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace turnomatic::bench {

struct history_maker::request {
  std::size_t connection;
  std::size_t index;  // along its connection
  moment effect;      // when it takes its turn
  bool takes_turn;
};

history history_maker::sound() {
  history made{.ids = 1 + up_to(2),
               .depth = 1 + up_to(2),
               .stream_of_connection = {},
               .streams = 1 + up_to(2),
               .connections = {},
               .burned = 0};
  std::vector<request> requests;
  const std::size_t connections = 1 + up_to(4);
  for (std::uint32_t connection = 0; connection < connections; ++connection) {
    made.stream_of_connection.push_back(static_cast<std::uint8_t>(up_to(made.streams - 1)));
    auto& own = made.connections.emplace_back();
    moment last_effect = 0;
    moment before = 0;
    for (std::size_t index = 0, count = up_to(8); index < count; ++index) {
      const bool was_under_way = index >= made.depth;
      const moment free = was_under_way ? own[index - made.depth].received + 1 : 0;
      const moment sent = std::max(free, before) + static_cast<moment>(up_to(3));
      const moment effect = std::max(sent, last_effect) + static_cast<moment>(up_to(6));
      const moment order = index > 0 ? own[index - 1].received : 0;
      const moment received = std::max(effect, order) + static_cast<moment>(up_to(3));
      const bool lost = one_in(8);
      const auto id = static_cast<std::uint32_t>(up_to(made.ids - 1));
      before = sent;
      if (one_in(10)) {  // sent before on a connection that broke, and had effect then or now
        const moment first = sent - static_cast<moment>(up_to(12));
        const auto when = static_cast<moment>(up_to(static_cast<std::uint64_t>(received - first)));
        own.push_back(make_observation(id, connection, lost ? outcome::unknown : outcome::answered,
                                       true, 0, first, received));
        requests.push_back({connection, index, first + when, !lost || one_in(2)});
        continue;
      }
      own.push_back(make_observation(id, connection, lost ? outcome::unknown : outcome::answered,
                                     false, 0, sent, received));
      // A lost request takes effect in time, long after it was given up, or never.
      const moment late = lost && one_in(2) ? effect + static_cast<moment>(up_to(30)) : effect;
      requests.push_back({connection, index, late, !lost || one_in(2)});
      last_effect = effect;
    }
  }
  give_turns(requests, made);
  return made;
}

void history_maker::give_turns(std::vector<request>& requests, history& made) {
  std::stable_sort(requests.begin(), requests.end(),
                   [](const request& a, const request& b) { return a.effect < b.effect; });
  std::vector<std::uint64_t> next(made.ids);
  for (auto& first : next)
    first = 1 + up_to(2) * up_to(1000);
  for (const request& each : requests) {
    observation& seen = made.connections[each.connection][each.index];
    if (one_in(40)) {  // the server takes a turn that reaches nobody, and says so
      ++next[seen.id];
      ++made.burned;
    }
    if (!each.takes_turn)
      continue;
    const std::uint64_t turn = next[seen.id]++;
    if (seen.result() == outcome::answered)
      seen.turn = turn;
  }
}

observation& history_maker::any_answer(history& made) {
  static observation none;
  none = make_observation(0, 0, outcome::answered, false, 1, 0, 0);
  for (int attempt = 0; attempt < 20; ++attempt) {
    auto& own = made.connections[up_to(made.connections.size() - 1)];
    if (own.empty())
      continue;
    observation& found = own[up_to(own.size() - 1)];
    if (found.result() == outcome::answered)
      return found;
  }
  return none;
}

void history_maker::damage(history& made) {
  observation& one = any_answer(made);
  observation& other = any_answer(made);
  switch (up_to(5)) {
    case 0:
      one.turn = other.turn;
      break;
    case 1:
      if (one.id == other.id)
        std::swap(one.turn, other.turn);
      break;
    case 2:
      one.turn += 1 + up_to(2);
      break;
    case 3: {  // turns of one id are skipped
      const std::uint64_t from = one.turn;
      for (auto& own : made.connections) {
        for (observation& each : own)
          each.turn += each.id == one.id && each.turn >= from ? 1U : 0U;
      }
      break;
    }
    case 4:
      one.what =
          static_cast<std::uint32_t>(one_in(2) ? outcome::wrong_id : outcome::malformed) & 7U;
      one.turn = 0;
      break;
    default:
      made.burned = 0;
      break;
  }
}

struct history_maker::host {
  moment ahead;   // of the true time
  moment stated;  // what is believed to lead back to it
};

verdict history_maker::judge(const history& made) {
  return judge_on(made, {{0, 0}}, {});
}

verdict history_maker::judge_as_hosts(const history& made) {
  constexpr moment error = 4;
  std::vector<host> hosts;
  for (std::size_t i = 0; i < made.streams; ++i) {
    const auto ahead = static_cast<moment>(up_to(2'000'000)) - 1'000'000;
    hosts.push_back({ahead, -ahead + static_cast<moment>(up_to(error))});
  }
  return judge_on(made, hosts, one_in(3) ? std::nullopt : std::optional{error});
}

verdict history_maker::judge_on(const history& made, const std::vector<host>& hosts,
                                std::optional<moment> error) {
  std::vector<std::vector<observation>> streams(made.streams);
  for (std::size_t i = 0; i < made.connections.size(); ++i) {
    auto& stream = streams[made.stream_of_connection[i]];
    stream.insert(stream.end(), made.connections[i].begin(), made.connections[i].end());
  }
  for (auto& stream : streams)
    std::stable_sort(stream.begin(), stream.end(), [](const observation& a, const observation& b) {
      return a.received < b.received;
    });
  std::vector<moment> offsets;
  for (const host& each : hosts)
    offsets.push_back(each.stated);
  const auto host_of_stream = [&](std::size_t stream) {
    return static_cast<std::uint8_t>(stream % hosts.size());
  };
  prover::setup setup{.ids = made.ids,
                      .depth = made.depth,
                      .clock_of_stream = {},
                      .clock_of_connection = {},
                      .relation = clocks{offsets, error},
                      .limits = {.recent = 64}};
  for (std::size_t i = 0; i < made.streams; ++i) {
    setup.clock_of_stream.push_back(host_of_stream(i));
    for (observation& each : streams[i]) {
      each.sent += hosts[host_of_stream(i)].ahead;
      each.received += hosts[host_of_stream(i)].ahead;
    }
  }
  for (const std::uint8_t stream : made.stream_of_connection)
    setup.clock_of_connection.push_back(host_of_stream(stream));
  prover tested{std::move(setup)};
  std::vector<std::size_t> done(made.streams);
  for (std::size_t running = made.streams; running > 0;) {
    const std::size_t i = up_to(made.streams - 1);
    if (done[i] > streams[i].size())
      continue;
    const std::size_t left = streams[i].size() - done[i];
    const std::size_t size = std::min<std::size_t>(left, up_to(5));
    const std::span block = std::span{streams[i]}.subspan(done[i], size);
    done[i] += size;
    moment watermark = moment{1} << 60;  // after all, and it can be shifted
    for (std::size_t k = done[i]; k < streams[i].size(); ++k)
      watermark = std::min(watermark, streams[i][k].sent);
    tested.add(i, block, watermark);
    if (done[i] == streams[i].size()) {
      tested.end(i);
      done[i] = streams[i].size() + 1;
      --running;
    }
  }
  return tested.finish({.burned = made.burned});
}

namespace {

struct flat_history {
  std::vector<observation> answers;  // connection by connection, in order
  std::vector<observation> unknown;  // and those answered without a turn of the id
};

flat_history of_id(const history& made, std::uint32_t id) {
  flat_history result;
  for (const auto& own : made.connections) {
    for (const observation& each : own) {
      if (each.id == id)
        (each.result() == outcome::answered ? result.answers : result.unknown).push_back(each);
    }
  }
  return result;
}

// The most missing turns that can be matched, one each, with a request of unknown outcome that was
// sent before every answer with a larger turn had come: augmenting paths.
class matching {
 public:
  matching(const flat_history& of, const std::vector<std::uint64_t>& missing) {
    for (const std::uint64_t turn : missing) {
      auto& fits = edges_.emplace_back();
      for (std::size_t u = 0; u < of.unknown.size(); ++u) {
        const bool possible =
            std::none_of(of.answers.begin(), of.answers.end(), [&](const observation& answer) {
              return answer.turn > turn && answer.received < of.unknown[u].sent;
            });
        if (possible)
          fits.push_back(u);
      }
    }
    owner_.assign(of.unknown.size(), edges_.size());
  }

  std::uint64_t size() {
    std::uint64_t matched = 0;
    for (std::size_t turn = 0; turn < edges_.size(); ++turn) {
      std::set<std::size_t> seen;
      matched += place(turn, seen) ? 1U : 0U;
    }
    return matched;
  }

 private:
  bool place(std::size_t turn, std::set<std::size_t>& seen) {
    for (const std::size_t u : edges_[turn]) {
      if (!seen.insert(u).second)
        continue;
      if (owner_[u] == edges_.size() || place(owner_[u], seen)) {
        owner_[u] = turn;
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<std::size_t>> edges_;
  std::vector<std::size_t> owner_;
};

bool out_of_order(const std::vector<observation>& answers) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t k = 0; k < answers.size(); ++k) {
      const observation& a = answers[i];
      const observation& b = answers[k];
      // What was sent again has the time of its first sending, and no place on the connection.
      const bool along = a.connection == b.connection && i < k && a.retried == 0 && b.retried == 0;
      const bool follows = a.received < b.sent || along;
      if (follows && a.turn > b.turn)
        return true;
    }
  }
  return false;
}

}  // namespace

plain_verdict judge_plainly(const history& made) {
  plain_verdict result;
  std::uint64_t unmatched = 0;
  for (std::uint32_t id = 0; id < made.ids; ++id) {
    const flat_history own = of_id(made, id);
    result.faulty += static_cast<std::uint64_t>(
        std::count_if(own.unknown.begin(), own.unknown.end(),
                      [](const observation& each) { return each.result() != outcome::unknown; }));
    if (own.answers.empty())
      continue;
    std::set<std::uint64_t> turns;
    for (const observation& each : own.answers)
      result.duplicates += turns.insert(each.turn).second ? 0U : 1U;
    result.out_of_order = result.out_of_order || out_of_order(own.answers);
    std::vector<std::uint64_t> missing;
    for (std::uint64_t turn = *turns.begin(); turn < *turns.rbegin(); ++turn) {
      if (!turns.contains(turn))
        missing.push_back(turn);
    }
    result.missing += missing.size();
    unmatched += missing.size() - matching{own, missing}.size();
  }
  result.unexplained = unmatched - std::min(unmatched, made.burned);
  return result;
}

}  // namespace turnomatic::bench
