#include "load/run.hpp"

#include "load/account.hpp"
#include "load/descriptions.hpp"
#include "load/observation_queue.hpp"
#include "load/sampler.hpp"
#include "load/worker.hpp"
#include "recording/writer.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <thread>
#include <utility>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

constexpr moment sample_period = std::chrono::nanoseconds{1s}.count();
constexpr std::chrono::nanoseconds look_period = 50ms;
constexpr std::chrono::milliseconds account_patience = 5s;

std::chrono::duration<double> cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

// Unlike that of any other run, so that no key means two requests.
std::string key_prefix() {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return "turnomatic-bench-" + std::to_string(now);
}

// However the taker leaves, the threads of the load must not wait for it.
class closes_at_exit {
 public:
  explicit closes_at_exit(observation_queue& which) noexcept : queue_{which} {}
  ~closes_at_exit() { queue_.close(); }
  closes_at_exit(const closes_at_exit&) = delete;
  closes_at_exit& operator=(const closes_at_exit&) = delete;

 private:
  observation_queue& queue_;
};

/// Starts the threads, takes what they observe, judges it and samples their counters.
class load_run {
 public:
  load_run(const run_order& what, const transport_factory& transports,
           const std::atomic<bool>& stop)
      : order_{what},
        start_{slot_context::now()},
        measure_from_{start_ + what.how.warm_up.count()},
        proof_{proof_of(what.how)} {
    const std::string keys = key_prefix();
    for (std::uint32_t thread = 0; thread < what.how.threads; ++thread)
      workers_.push_back(std::make_unique<worker>(
          worker::settings{what.how, transports, observations_, stop, thread, start_, keys}));
    if (!what.record_file.empty())
      recording_ = std::make_unique<recording_writer>(what.record_file, header_of(what.how));
  }

  [[nodiscard]] bool recording_failed() const { return recording_ && !recording_->good(); }

  void make_load() {
    std::vector<std::jthread> threads;
    // Behind the threads, so that it lets them go before they are waited for.
    const closes_at_exit guard{observations_};
    std::vector<const counters*> counted;
    threads.reserve(workers_.size());
    counted.reserve(workers_.size());
    for (const auto& each : workers_) {
      threads.emplace_back([&each] { each->run(); });
      counted.push_back(&each->counted());
    }
    samples_ = std::make_unique<sampler>(std::move(counted), measure_from_);
    next_sample_ = measure_from_ + sample_period;
    cpu_before_ = cpu_time();
    for (std::size_t running = workers_.size(); running > 0;) {
      if (const auto block = observations_.pop(look_period))
        running -= take(*block) ? 1U : 0U;
      look(slot_context::now());
    }
    ended_ = std::max(end_of_load(), measure_from_ + 1);
    samples_->cut(std::max(slot_context::now(), measure_from_ + 1));
    cpu_ = cpu_time() - cpu_before_;
  }

  run_result conclude(const servers_account& account) {
    if (recording_)
      recording_->finish(account);
    run_result result;
    fill_setup(result);
    fill_counts(result);
    result.burned = account.burned;
    result.proof = proof_.finish(account);
    return result;
  }

 private:
  // Whether it was the last of its stream.
  bool take(const observation_block& block) {
    if (recording_)
      recording_->add(static_cast<std::uint32_t>(block.stream), block.watermark, block.what);
    proof_.add(block.stream, block.what, block.watermark);
    if (block.last)
      proof_.end(block.stream);
    return block.last;
  }

  void look(moment now) {
    if (!measuring_ && now >= measure_from_) {
      measuring_ = true;
      cpu_before_ = cpu_time();
    }
    if (now < next_sample_)
      return;
    samples_->cut(now);
    next_sample_ = now + sample_period;
    if (order_.on_progress)
      order_.on_progress(progress(now));
  }

  // The last request or answer: waiting in vain for more is not load. What is answered after the
  // end of a fixed duration, or after the run was stopped, was asked for before it.
  [[nodiscard]] moment end_of_load() const {
    moment end = 0;
    for (const auto& each : workers_) {
      const moment last = each->last_event();
      end = std::max(end, std::min(last, each->stopped_at().value_or(last)));
    }
    if (!order_.how.count)
      end = std::min(end, measure_from_ + order_.how.duration.count());
    return end;
  }

  [[nodiscard]] run_progress progress(moment now) const {
    const totals& latest = samples_->latest();
    const sample& last = samples_->samples().back();
    run_progress result{.elapsed = std::chrono::nanoseconds{now - start_},
                        .left = {},
                        .turns = latest.turns,
                        .rate = static_cast<double>(last.turns) / last.length.count(),
                        .errors = latest.refused + latest.failed,
                        .violations = proof_.violations_so_far(),
                        .p99 = latest.latencies->quantile(0.99)};
    result.left = order_.how.count ? left_of(*order_.how.count, latest, last) : left_at(now);
    return result;
  }

  [[nodiscard]] std::chrono::duration<double> left_at(moment now) const {
    const moment end = measure_from_ + order_.how.duration.count();
    return std::chrono::nanoseconds{std::max<moment>(end - now, 0)};
  }

  // At the rate of the last sample; nothing if that brought nothing.
  [[nodiscard]] static std::optional<std::chrono::duration<double>> left_of(std::uint64_t count,
                                                                            const totals& all,
                                                                            const sample& last) {
    const std::uint64_t lately = last.turns + last.refused + last.failed;
    if (lately == 0)
      return {};
    const std::uint64_t done = std::min(count, all.turns + all.refused + all.failed);
    return last.length * (static_cast<double>(count - done) / static_cast<double>(lately));
  }

  void fill_setup(run_result& result) const;
  void fill_counts(run_result& result);

  const run_order& order_;
  const moment start_;
  const moment measure_from_;
  observation_queue observations_;
  std::vector<std::unique_ptr<worker>> workers_;
  prover proof_;
  std::unique_ptr<recording_writer> recording_;
  std::unique_ptr<sampler> samples_;
  moment next_sample_{0};
  moment ended_{0};
  bool measuring_{false};
  std::chrono::duration<double> cpu_before_{0};
  std::chrono::duration<double> cpu_{0};
};

void load_run::fill_setup(run_result& result) const {
  recording_header here;
  describe_host(here);
  result.version = order_.version;
  result.host = here.host;
  result.started = std::chrono::system_clock::time_point{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds{start_ + here.clock_offset})};
  result.setup = setup_of(order_.how);
  result.id_names = order_.how.ids;
  result.connection_targets = targets_by_connection(order_.how);
}

void load_run::fill_counts(run_result& result) {
  result.measured = std::chrono::nanoseconds{ended_ - measure_from_};
  result.cpu = cpu_;
  result.samples = samples_->samples();
  std::vector<const counters*> counted;
  for (const auto& each : workers_) {
    const counters& of = each->counted();
    counted.push_back(&of);
    for (std::size_t status = 0; status < status_end; ++status) {
      if (const std::uint64_t n = of.statuses[status].value())
        result.statuses[static_cast<int>(status)] += n;
    }
    for (std::size_t kind = 0; kind < failure_kinds; ++kind)
      result.failures[kind] += of.failures[kind].value();
    result.retries += of.retries.value();
    result.bytes_received += of.bytes_received.value();
    result.bytes_sent += of.bytes_sent.value();
    result.overdue += each->overdue();
    result.longest_stall = std::max(result.longest_stall, each->longest_stall());
    result.faulty_bodies.insert(result.faulty_bodies.end(), each->faulty_bodies().begin(),
                                each->faulty_bodies().end());
  }
  result.latencies = std::move(sum_of(counted).latencies);
}

}  // namespace

boost::system::result<run_result, complaint> run(const run_order& what,
                                                 const std::atomic<bool>& stop) {
  transport_factory transports;
  const auto& targets = what.how.targets;
  if (std::any_of(targets.begin(), targets.end(), [](const target& each) { return each.tls; })) {
    if (const auto ready = transports.use_tls(what.tls); !ready)
      return ready.error();
  }
  if (auto why = named_twice(what.operators))
    return *std::move(why);
  const auto before = read_accounts(what.operators, account_patience);
  if (!before)
    return before.error();
  load_run load{what, transports, stop};
  if (load.recording_failed())
    return complaint{what.record_file + ": cannot be written"};
  load.make_load();
  servers_account account;
  std::vector<std::string> problems;
  if (!what.operators.empty()) {
    const auto after = read_accounts(what.operators, account_patience);
    account.lost = !after;
    if (after)
      account.burned = burned_between(*before, *after);
    else
      problems.push_back(after.error().message);
  }
  run_result result = load.conclude(account);
  if (load.recording_failed())
    problems.push_back(what.record_file + ": could not be written to its end");
  result.problems = std::move(problems);
  return result;
}

}  // namespace turnomatic::bench
