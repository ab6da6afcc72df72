// Each rule of the protocol left out in turn: a model that finds nothing then is blind.
#include "model/history_search.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace turnomatic::redis {
namespace {

using weights = std::vector<std::pair<event, unsigned>>;

struct rule {
  const char* name;
  store_world::settings world;  ///< with the rule; what leaves it out is in the next two
  std::function<void(store_world::settings&)> without;
  walk search;
};

void PrintTo(const rule& left, std::ostream* to) {
  *to << left.name;
}

std::function<void(store_world::settings&)> change(script_id script, std::string_view from,
                                                   std::string_view to) {
  return [=](store_world::settings& world) {
    world.leave_out = [=](memory_redis& store) { store.replace_in_script(script, from, to); };
  };
}

std::function<void(store_world::settings&)> deaf_to(std::string_view words) {
  return [=](store_world::settings& world) { world.unheard = words; };
}

const weights cuts{{event::take_a, 4}, {event::execute, 10}, {event::deliver, 8},
                   {event::cut, 3},    {event::ghost, 3},    {event::reconnect, 8}};
const weights restores{{event::take_a, 4}, {event::execute, 12}, {event::deliver, 10},
                       {event::save, 2},   {event::restore, 2},  {event::reconnect, 10},
                       {event::moment, 8}};

weights with(weights all, const weights& further) {
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

// Of a primary with a replica: what was handed out is there when it takes over.
void add_rules_of_replicas(std::vector<rule>& all) {
  const weights failovers{{event::take_a, 4},    {event::execute, 12},   {event::deliver, 10},
                          {event::cut, 2},       {event::reconnect, 10}, {event::moment, 6},
                          {event::replicate, 2}, {event::fail_over, 2},  {event::grace, 2}};
  all.push_back({"replicas_acknowledge_what_is_handed_out",
                 {.replicated = true},
                 [](store_world::settings& world) { world.acknowledging = 0; },
                 {.weights = failovers, .length = 40, .histories = 6000}});
  all.push_back(
      {"a_write_precedes_wait_on_a_new_connection",
       {.replicated = true},
       [](store_world::settings& world) {
         world.leave_out = [](memory_redis& store) { store.config.takeover_counts_as_read = true; };
       },
       {.weights = failovers,
        .beginning =
            steps_of("take a @0, execute @0, cut @0, reconnect @0, execute @0, execute @0, "
                     "deliver @0, deliver @0, fail over, cut @0, cut @1, reconnect @1, execute "
                     "@1, deliver @1, grace, moment, execute @1, deliver @1, take a @1"),
        .length = 20,
        .histories = 2000}});
}

// Of a lane's record, and of a counter that is set.
void add_rules_of_records(std::vector<rule>& all) {
  all.push_back({"generation",
                 {.instances = 1, .instances_max = 1},
                 change(script_id::take, "record[1] ~= ARGV[1] or ", ""),
                 {.weights = cuts, .length = 25, .histories = 3000}});
  all.push_back({"a_record_is_created_by_registering_alone",
                 {.instances = 1, .instances_max = 1},
                 change(script_id::take_over,
                        "local record = redis.call('HMGET', KEYS[2], 'g', 's', 'r', 'p')",
                        "if redis.call('EXISTS', KEYS[2]) == 0 then\n"
                        "  redis.call('HSET', KEYS[2], 'g', ARGV[6], 's', '0')\nend\n"
                        "local record = redis.call('HMGET', KEYS[2], 'g', 's', 'r', 'p')"),
                 {.weights = with(cuts, {{event::expire, 2}}), .length = 25, .histories = 3000}});
  all.push_back(
      {"the_step_that_creates_a_record_looks_at_the_store_id",
       {.instances_max = 4},
       change(script_id::register_lane, "if fields.id ~= id or fields.state ~= 'ready' then",
              "if not fields.id then"),
       {.weights = with(cuts, {{event::exchange, 2}, {event::find_again, 2}, {event::join, 3}}),
        .length = 40,
        .histories = 3000}});
  all.push_back({"results_are_known_by_the_name_of_their_packet",
                 {.instances = 1, .instances_max = 2, .clones = true},
                 [](store_world::settings& world) { world.clock_stands_still = true; },
                 {.weights = cuts,
                  .beginning = steps_of("take a @0, execute @0, deliver @0, clone"),
                  .length = 30,
                  .histories = 2000}});
  all.push_back({"a_counter_is_set_from_the_turn_that_was_seen",
                 {},
                 change(script_id::set_turn, "if ARGV[4] ~= '' and turn ~= ARGV[4] + 0 then",
                        "if false then"),
                 {.weights = with(cuts, {{event::look, 2}, {event::set, 2}}),
                  .length = 40,
                  .histories = 3000}});
}

// Of the barrier.
void add_rules_of_recovery(std::vector<rule>& all) {
  all.push_back({"barrier",
                 {},
                 [](store_world::settings& world) {
                   world.leave_out = [](memory_redis& store) {
                     store.replace_in_script(script_id::take_over, "    close(key, fields, run)",
                                             "    redis.call('HSET', key, 'run', run)");
                     store.replace_in_script(script_id::register_lane,
                                             "if ARGV[6] == '1' and not store.closed then",
                                             "if false then");
                   };
                 },
                 {.weights = restores, .length = 40, .histories = 3000}});
  all.push_back(
      {"register_is_barred_too",
       {.instances = 1, .instances_max = 2},
       change(script_id::register_lane,
              "if store.closed then\n  return {'closed', '', '', store.closings}\nend", ""),
       {.weights = with(restores, {{event::join, 2}}), .length = 40, .histories = 6000}});
  all.push_back(
      {"not_open_before_the_grace",
       {.instances = 1, .instances_max = 2},
       change(script_id::report, "ARGV[5] ~= '1' or", "ARGV[5] ~= '1' and store.awaited ~= ' ' or"),
       {.weights = with(restores, {{event::join, 2}}), .length = 40, .histories = 6000}});
  all.push_back(
      {"all_lanes_have_ended_before_the_instance_reports",
       {.lanes = 2},
       [](store_world::settings& world) { world.reports_too_early = true; },
       {.weights = restores,
        .beginning = steps_of(
            "take a @0, execute @0, deliver @0, take a @1, execute @1, restore, "
            "cut @0, reconnect @0, execute @0, deliver @0, moment, execute @0, deliver @0, "
            "execute @0, deliver @1, take a @2, cut @2, reconnect @2, execute @2, deliver @2"),
        .length = 20,
        .histories = 2000}});
  all.push_back(
      {"closing_empties_the_reports",
       {},
       change(script_id::take_over, "'awaited', awaited)", "'awaited', fields.awaited or awaited)"),
       {.weights = with(restores, {{event::grace, 2}}),
        .beginning = steps_of(
            "restart, cut @0, reconnect @0, execute @0, deliver @0, moment, execute @0, save, "
            "deliver @0, cut @1, reconnect @1, execute @1, deliver @1, grace, execute @1, deliver "
            "@1, "
            "moment, execute @1, deliver @1, execute @1, deliver @1, execute @0, deliver @0, "
            "moment, "
            "execute @0, deliver @0, execute @0, deliver @0, take a @0, execute @0, deliver @0, "
            "restore, cut @1, reconnect @1, execute @1, deliver @1, grace, execute @1, deliver @1, "
            "moment, execute @1, deliver @1, execute @1, deliver @1, take a @1"),
        .length = 20,
        .histories = 2000}});
}

// Of losses that no restart comes with.
void add_rules_of_quiet_losses(std::vector<rule>& all) {
  const weights quiet =
      with(restores, {{event::demote, 2}, {event::take_b, 1}, {event::cut, 1}, {event::grace, 1}});
  all.push_back({"who_has_lost_a_record_closes_the_store",
                 {.refreshes = true},
                 change(script_id::register_lane, "if ARGV[6] == '1' and not store.closed then",
                        "if false then"),
                 {.weights = quiet, .length = 40, .histories = 2000}});
  all.push_back(
      {"a_report_counts_in_its_closing_alone",
       {.refreshes = true},
       change(script_id::report, "if ARGV[8] ~= store.closings then", "if false then"),
       {.weights = with(quiet, {{event::ghost, 4}}),
        .beginning = steps_of(
            "restart, cut @0, reconnect @0, execute @0, deliver @0, moment, execute @0, deliver "
            "@0, "
            "cut @1, reconnect @1, execute @1, deliver @1, grace, execute @0, deliver @0, "
            "execute @1, deliver @1, moment, cut @0, execute @1, deliver @1, execute @1, deliver "
            "@1, "
            "reconnect @0, execute @0, deliver @0, save, take a @0, execute @0, deliver @0, "
            "demote, "
            "moment, moment, execute @0, deliver @0, execute @0"),
        .length = 12,
        .histories = 4000}});
}

// Of what a store lost.
void add_rules_of_losses(std::vector<rule>& all) {
  all.push_back(
      {"loss_token",
       {},
       change(script_id::report, "store.token = ARGV[7]", ""),
       {.weights = with(restores, {{event::grace, 2}}),
        .beginning = steps_of(
            "take a @0, execute @0, save, restore first, "
            "cut @0, reconnect @0, execute @0, deliver @0, moment, execute @0, deliver @0, "
            "cut @1, reconnect @1, execute @1, deliver @1, grace, execute @1, deliver @1, "
            "moment, execute @1, deliver @1, execute @1, deliver @1, "
            "take a @1, execute @1, deliver @1, restore"),
        .length = 30,
        .histories = 2000}});
  all.push_back(
      {"a_key_is_known_under_the_loss_token_only",
       {},
       change(script_id::take, "i >= first_keyed and KEYS[3 + i - first_keyed]",
              "i >= first_keyed and string.gsub(KEYS[3 + i - first_keyed], 'key:%w+', 'key')"),
       {.weights = with(restores, {{event::take_key, 3}, {event::grace, 4}}),
        .beginning = steps_of(
            "take key @0, execute @0, save, restore first, "
            "cut @0, reconnect @0, execute @0, deliver @0, "
            "cut @1, reconnect @1, execute @1, deliver @1, "
            "moment, execute @0, execute @1, deliver @0, deliver @1, execute @1, deliver @1, "
            "grace, execute @0, execute @1, deliver @0, deliver @1, moment, execute @0, deliver "
            "@0, "
            "execute @1, deliver @1, execute @0, deliver @0, execute @1, deliver @1, "
            "take a @1, execute @1, deliver @1, restore"),
        .length = 20,
        .histories = 2000}});
  all.push_back({"sent_before_a_restart_counts_as_unknown",
                 {},
                 deaf_to("sent before the server restarted"),
                 {.weights = restores, .length = 40, .histories = 6000}});
  all.push_back({"earlier_packets_count_where_the_record_is_behind",
                 {.instances = 1, .instances_max = 1, .ghosts_survive = true},
                 deaf_to("as far as the store remembered"),
                 {.weights = with(with(cuts, restores), {{event::demote, 1}}),
                  .length = 40,
                  .histories = 20000}});
}

std::vector<rule> rules() {
  std::vector<rule> all;
  add_rules_of_records(all);
  add_rules_of_replicas(all);
  add_rules_of_recovery(all);
  add_rules_of_quiet_losses(all);
  add_rules_of_losses(all);
  return all;
}

class left_out : public testing::TestWithParam<rule> {};

TEST_P(left_out, is_found) {
  store_world::settings world = GetParam().world;
  GetParam().without(world);
  const search_outcome found = search_at_random(world, GetParam().search);
  EXPECT_NE(found.broken, "") << found.histories << " histories";
  RecordProperty("histories", std::to_string(found.histories));
  RecordProperty("found", found.broken);
}

// The same search with the rule, though a shorter one: the walks look further.
TEST_P(left_out, was_what_kept_the_account) {
  walk search = GetParam().search;
  search.histories = histories_of(search.histories / 4);
  const search_outcome found = search_at_random(GetParam().world, search);
  EXPECT_EQ(found.broken, "");
}

INSTANTIATE_TEST_SUITE_P(rules, left_out, testing::ValuesIn(rules()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace turnomatic::redis
