#include "recording/merge.hpp"

#include "proof/saturated_sum.hpp"
#include "recording/reader.hpp"
#include "recording/reading_order.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

namespace turnomatic::bench {
namespace {

constexpr std::size_t hosts_max = 255;

// A recording and its place in the whole.
struct source {
  std::unique_ptr<recording_reader> reader;
  std::vector<std::uint32_t> id_of;  // from its own index of an id
  std::uint32_t first_connection{0};
  std::size_t first_stream{0};
  std::size_t clock{0};
};

class merge {
 public:
  // Empty, or what is wrong.
  std::string open(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      source& added = sources_.emplace_back();
      added.reader = std::make_unique<recording_reader>(file);
      if (!added.reader->error().empty())
        return added.reader->error();
      if (!runs_.insert(added.reader->header().run_id).second)
        return file + ": this run is among the recordings already";
      place(added);
      order_.add(added.reader->header().streams);
    }
    return offsets_.size() > hosts_max ? "recordings of more than 255 hosts" : std::string{};
  }

  std::string prove(std::optional<moment> clock_error, verdict& result, servers_account& account) {
    const clocks relation{offsets_, clock_error};
    prover proof{{.ids = names_.size(),
                  .depth = depth_,
                  .clock_of_stream = clock_of_stream_,
                  .clock_of_connection = clock_of_connection_,
                  .relation = relation}};
    while (const auto next = order_.next()) {
      const source& from = sources_[*next];
      if (from.reader->next(block_)) {
        renumber(from);
        order_.reached(*next, block_.stream, relation.common(block_.watermark, from.clock));
        proof.add(from.first_stream + block_.stream, block_.what, block_.watermark);
        continue;
      }
      if (!from.reader->error().empty())
        return from.reader->error();
      order_.ended(*next);
      for (std::uint32_t i = 0; i < from.reader->header().streams; ++i)
        proof.end(from.first_stream + i);
      add(from.reader->end().account, account);
    }
    result = proof.finish(account);
    return {};
  }

  std::vector<std::string> take_names() { return std::move(names_); }
  std::vector<std::string> take_targets() { return std::move(target_of_connection_); }

 private:
  static void add(const servers_account& own, servers_account& sum) {
    if (own.burned)
      sum.burned = saturated_sum(sum.burned.value_or(0), *own.burned);
    sum.lost = sum.lost || own.lost;
  }

  void place(source& added) {
    const recording_header& header = added.reader->header();
    // A host that cannot tell its boot shares its clock with nobody.
    const std::string clock_name = header.boot_id.empty() ? header.run_id : header.boot_id;
    const auto known = clock_of_boot_.try_emplace(clock_name, offsets_.size());
    if (known.second)
      offsets_.push_back(header.clock_offset);
    added.clock = known.first->second;
    added.first_stream = clock_of_stream_.size();
    added.first_connection = static_cast<std::uint32_t>(clock_of_connection_.size());
    const auto clock = static_cast<std::uint8_t>(added.clock);
    clock_of_stream_.resize(clock_of_stream_.size() + header.streams, clock);
    clock_of_connection_.resize(clock_of_connection_.size() + header.stream_of_connection.size(),
                                clock);
    for (const std::uint32_t target : header.target_of_connection)
      target_of_connection_.push_back(header.targets[target] + " from " + header.host);
    for (const std::string& name : header.ids) {
      const auto [where, is_new] =
          index_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
      if (is_new)
        names_.push_back(name);
      added.id_of.push_back(where->second);
    }
    depth_ = std::max<std::size_t>(depth_, header.depth);
  }

  void renumber(const source& from) {
    for (observation& each : block_.what) {
      each.id = from.id_of[each.id];
      each.connection = (each.connection + from.first_connection) & 0xfffffffU;
    }
  }

  std::vector<source> sources_;
  reading_order order_;
  std::set<std::string> runs_;
  std::map<std::string, std::size_t> clock_of_boot_;
  std::vector<moment> offsets_;
  std::vector<std::uint8_t> clock_of_stream_;
  std::vector<std::uint8_t> clock_of_connection_;
  std::vector<std::string> target_of_connection_;
  std::unordered_map<std::string, std::uint32_t> index_;
  std::vector<std::string> names_;
  std::size_t depth_{1};
  recorded_block block_;
};

}  // namespace

boost::system::result<merged_recordings, std::string> prove_recordings(
    const std::vector<std::string>& files, std::optional<moment> clock_error) {
  merge all;
  if (std::string why = all.open(files); !why.empty())
    return why;
  merged_recordings result;
  if (std::string why = all.prove(clock_error, result.proof, result.account); !why.empty())
    return why;
  result.id_names = all.take_names();
  result.connection_targets = all.take_targets();
  return result;
}

}  // namespace turnomatic::bench
