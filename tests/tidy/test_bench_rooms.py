"""Tests of the checks of tools/bench: each fails on a bad example and passes on a good one."""

import bench_rooms
from test_check_tree import CheckTest, including


class BenchRoomsTest(CheckTest):
    def test_every_source_belongs_to_a_room(self):
        self.assert_passes(bench_rooms.check_rooms_exist, {"tools/bench/load/a.cpp": ""},
                           {"tools/bench/main.cpp": ""}, {"src/http/a.cpp": ""})
        self.assert_fails(bench_rooms.check_rooms_exist, {"tools/bench/utils/a.cpp": ""},
                          {"tools/bench/a.cpp": ""})

    def test_includes_point_down(self):
        check = bench_rooms.check_rooms_point_down
        others = {f"tools/bench/{room}/b.hpp": "" for room in bench_rooms.RANKS}
        self.assert_passes(
            check,
            including("tools/bench/load/a.cpp", '"load/b.hpp"', '"recording/b.hpp"',
                      '"report/b.hpp"', '"proof/b.hpp"', "<turnomatic/turn.hpp>", **others),
            including("tools/bench/main.cpp", '"commands/b.hpp"', **others))
        self.assert_fails(
            check,
            including("tools/bench/proof/a.cpp", '"load/b.hpp"', **others),
            including("tools/bench/report/a.cpp", '"recording/b.hpp"', **others),
            including("tools/bench/load/a.cpp", '"commands/b.hpp"', **others))

    def test_no_code_is_shared_with_the_server(self):
        self.assert_fails(
            bench_rooms.check_rooms_point_down,
            including("tools/bench/load/a.cpp", '"http/b.hpp"', **{"src/http/b.hpp": ""}))

    def test_the_proof_has_no_clock(self):
        self.assert_passes(bench_rooms.check_proof_is_pure,
                           including("tools/bench/proof/a.cpp", "<vector>", '"proof/b.hpp"'),
                           including("tools/bench/load/a.cpp", "<chrono>"))
        self.assert_fails(bench_rooms.check_proof_is_pure,
                          including("tools/bench/proof/a.cpp", "<chrono>"),
                          including("tools/bench/proof/a.cpp", "<thread>"))
