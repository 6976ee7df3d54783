#include "files/lease.hpp"

#include "support/catch.hpp"
#include "unit/files/files_fixtures.hpp"

using namespace varia::files;
using namespace std::chrono_literals;

namespace {

/// A results folder with two runs that live, on this machine.
struct Runs {
  TemporaryFolder folder;
  Heartbeat one{folder / "runs"};
  Heartbeat two{folder / "runs"};
  RunWatch watch{folder / "runs", 1h};
  std::filesystem::path trial = folder / "checkpoints/abc";
};

}  // namespace

TEST_CASE("a lease is held until it is given back") {
  Runs runs;
  CHECK(lease_holder(runs.trial).empty());
  const auto lease = take_lease(runs.trial, 0, runs.one.id(), runs.watch);
  REQUIRE(lease);
  CHECK(lease->token == 1);
  CHECK(is_held(*lease));
  CHECK(lease_holder(runs.trial) == runs.one.id());
  CHECK_FALSE(take_lease(runs.trial, 0, runs.two.id(), runs.watch));
  CHECK_FALSE(take_lease(runs.trial, 0, runs.one.id(), runs.watch));
  write_bytes(runs.trial / "trial.1.h5", "so far");
  release(*lease);
  CHECK_FALSE(is_held(*lease));
  CHECK(lease_holder(runs.trial).empty());
  const auto next = take_lease(runs.trial, 0, runs.two.id(), runs.watch);
  REQUIRE(next);
  CHECK(next->token == 2);
  CHECK(bytes_of(runs.trial / "trial.1.h5") == "so far");
  CHECK_FALSE(is_held(*lease));
  release(*lease);
  CHECK(is_held(*next));
}

TEST_CASE("a guard gives its lease back, after an error too, unless it was cleared or lost") {
  Runs runs;
  const auto taken = [&] { return take_lease(runs.trial, 0, runs.one.id(), runs.watch).value(); };
  CHECK_THROWS_AS(
      [&] {
        const LeaseGuard guard(taken());
        CHECK(is_held(guard.lease()));
        throw varia::StoreError("trial", "cannot be removed");
      }(),
      varia::StoreError);
  CHECK(lease_holder(runs.trial).empty());
  {
    const LeaseGuard guard(taken());
    clear(guard.lease());
  }
  CHECK_FALSE(std::filesystem::exists(runs.trial));
  std::optional<Lease> heir;
  {
    const LeaseGuard guard(taken());
    write_bytes(runs.trial / "trial.1.h5", "so far");
    release(guard.lease());
    heir = take_lease(runs.trial, 0, runs.two.id(), runs.watch);
  }
  REQUIRE(heir);
  CHECK(is_held(*heir));
}

TEST_CASE("a lease given back before anything was written leaves no folder") {
  Runs runs;
  release(*take_lease(runs.trial, 0, runs.one.id(), runs.watch));
  CHECK_FALSE(std::filesystem::exists(runs.trial));
}

TEST_CASE("the token is higher than all in the folder and than the published one") {
  Runs runs;
  std::filesystem::create_directories(runs.trial);
  SECTION("of a checkpoint") {
    write_bytes(runs.trial / "checkpoint.7.previous", "");
    CHECK(take_lease(runs.trial, 3, runs.one.id(), runs.watch)->token == 8);
  }
  SECTION("of a temporary file") {
    write_bytes(runs.trial / "trial.9.h5.tmp", "");
    CHECK(take_lease(runs.trial, 3, runs.one.id(), runs.watch)->token == 10);
  }
  SECTION("of the published file") {
    write_bytes(runs.trial / "trial.9.h5", "");
    CHECK(take_lease(runs.trial, 41, runs.one.id(), runs.watch)->token == 42);
  }
  SECTION("whatever else lies there") {
    for (const char* name :
         {"trial.x.h5", "note", "trial..h5", "trial.-5.h5", "trial.0.h5",
          "trial.99999999999999999999999.h5", "trial.999999999999999999.h5", ".12a"}) {
      write_bytes(runs.trial / name, "");
    }
    CHECK(take_lease(runs.trial, 0, runs.one.id(), runs.watch)->token == 1);
  }
}

TEST_CASE("the lease of a dead process is taken over at once") {
  Runs runs;
  write_dead_run(runs.folder / "runs", "dead-1-0");
  const auto old = take_lease(runs.trial, 0, "dead-1-0", runs.watch);
  REQUIRE(old);
  const auto lease = take_lease(runs.trial, 0, runs.one.id(), runs.watch);
  REQUIRE(lease);
  CHECK(lease->token == 2);
  CHECK_FALSE(is_held(*old));
  CHECK(is_held(*lease));
  CHECK(lease_holder(runs.trial) == runs.one.id());
}

TEST_CASE("the lease of a silent run of another machine is taken over only after patience") {
  Runs runs;
  write_beat(runs.folder / "runs", "far-1-0", elsewhere());
  const auto old = take_lease(runs.trial, 0, "far-1-0", runs.watch);
  REQUIRE(old);
  CHECK_FALSE(take_lease(runs.trial, 0, runs.one.id(), runs.watch));
  CHECK(is_held(*old));
  RunWatch impatient(runs.folder / "runs", 0ms);
  const auto lease = take_lease(runs.trial, 0, runs.one.id(), impatient);
  REQUIRE(lease);
  CHECK_FALSE(is_held(*old));
}

TEST_CASE("a holder that was superseded stays so when its successor has given back or is done") {
  Runs runs;
  write_beat(runs.folder / "runs", "far-1-0", elsewhere());
  RunWatch impatient(runs.folder / "runs", 0ms);
  const auto old = take_lease(runs.trial, 0, "far-1-0", runs.watch);
  const auto lease = take_lease(runs.trial, 0, runs.two.id(), impatient);
  REQUIRE(lease);
  if (GENERATE(true, false)) {
    release(*lease);
  } else {
    clear(*lease);
  }
  CHECK_FALSE(is_held(*old));
}

TEST_CASE("a run that dies while it takes over costs the holder nothing, and blocks no one") {
  Runs runs;
  const auto lease = take_lease(runs.trial, 0, runs.one.id(), runs.watch);
  REQUIRE(lease);
  write_dead_run(runs.folder / "runs", "dead-1-0");
  std::filesystem::create_symlink("dead-1-0", runs.trial / "lease.6");
  CHECK(is_held(*lease));
  CHECK_FALSE(take_lease(runs.trial, 0, runs.two.id(), runs.watch));
  release(*lease);
  const auto next = take_lease(runs.trial, 0, runs.two.id(), runs.watch);
  REQUIRE(next);
  CHECK(next->token == 7);
  CHECK(names_in(runs.trial) == std::vector<std::string>{"lease.7"});
}

TEST_CASE("clearing removes the folder, but nothing of a later holder") {
  Runs runs;
  write_beat(runs.folder / "runs", "far-1-0", elsewhere());
  RunWatch impatient(runs.folder / "runs", 0ms);
  const auto old = take_lease(runs.trial, 0, "far-1-0", runs.watch);
  write_bytes(runs.trial / "trial.1.h5", "");
  write_bytes(runs.trial / "checkpoint.1", "");
  SECTION("alone") {
    write_bytes(runs.trial / "note", "");
    clear(*old);
    CHECK_FALSE(std::filesystem::exists(runs.trial));
    clear(*old);
  }
  SECTION("after another one has taken over") {
    const auto lease = take_lease(runs.trial, 0, runs.two.id(), impatient);
    REQUIRE(lease);
    write_bytes(runs.trial / "trial.2.h5", "");
    clear(*old);
    CHECK(names_in(runs.trial) == std::vector<std::string>{"lease.2", "trial.2.h5"});
    CHECK(is_held(*lease));
    clear(*lease);
    CHECK_FALSE(std::filesystem::exists(runs.trial));
  }
}

TEST_CASE("clearing leaves the lease of a run that tries, and clearing what is outdated does not") {
  Runs runs;
  const auto lease = take_lease(runs.trial, 3, runs.one.id(), runs.watch);
  write_bytes(runs.trial / "trial.4.h5", "");
  std::filesystem::create_symlink(runs.two.id(), runs.trial / "lease.1");
  clear(*lease);
  CHECK(names_in(runs.trial) == std::vector<std::string>{"lease.1"});
  write_bytes(runs.trial / "trial.9.h5", "");
  clear_outdated(runs.trial, 4);
  CHECK(names_in(runs.trial) == std::vector<std::string>{"trial.9.h5"});
  clear_outdated(runs.trial, 9);
  CHECK_FALSE(std::filesystem::exists(runs.trial));
}

TEST_CASE("a lease whose target is not a run's id is free, and is never followed") {
  Runs runs;
  const std::string target =
      GENERATE(as<std::string>{}, "../../etc/passwd", "a b", "..", std::string(250, 'x'));
  std::filesystem::create_directories(runs.trial);
  std::filesystem::create_symlink(target, runs.trial / "lease.4");
  CHECK(lease_holder(runs.trial).empty());
  const auto lease = take_lease(runs.trial, 0, runs.one.id(), runs.watch);
  REQUIRE(lease);
  CHECK(lease->token == 5);
  CHECK_THROWS_AS(take_lease(runs.trial, 0, target, runs.watch), varia::StoreError);
}

TEST_CASE("a folder that cannot be made or read is named in the error") {
  Runs runs;
  write_bytes(runs.folder / "file", "");
  CHECK(contains(error_of([&] { take_lease(runs.folder / "file", 0, runs.one.id(), runs.watch); }),
                 "/file"));
  CHECK(contains(error_of([&] { lease_holder(runs.folder / "file"); }), "cannot be read"));
}

TEST_CASE("files of a trial in progress are found by their tokens, the newest first") {
  const TemporaryFolder folder;
  for (const char* name : {"trial.2.h5", "trial.10.h5", "trial.9.h5.tmp", "trial.07.h5",
                           "checkpoint.11", "mytrial.3.h5", "trial.h5"}) {
    write_bytes(folder / name, "");
  }
  std::filesystem::create_directory(folder / "trial.12.h5");
  std::filesystem::create_symlink("trial.2.h5", folder / "trial.13.h5");
  const auto files = token_files(folder.path(), "trial", ".h5");
  REQUIRE(files.size() == 2);
  CHECK(files[0].token == 10);
  CHECK(files[0].path == folder / "trial.10.h5");
  CHECK(files[1].token == 2);
  CHECK(token_files(folder.path(), "checkpoint", "").size() == 1);
  CHECK(token_files(folder / "none", "trial", ".h5").empty());
}

TEST_CASE("of eight processes that race for a lease exactly one gets it", "[slow]") {
  const TemporaryFolder folder;
  write_dead_run(folder / "runs", "dead-1-0");
  std::vector<std::string> ids;
  std::vector<std::unique_ptr<Heartbeat>> beats;
  for (int i = 0; i < 8; ++i) {
    beats.push_back(std::make_unique<Heartbeat>(folder / "runs"));
    ids.push_back(beats.back()->id());
  }
  const auto trial = [&](int round) { return folder / ("checkpoints/" + std::to_string(round)); };
  const auto is_takeover = [](int round) { return round % 2 == 1; };
  RunWatch watch(folder / "runs", 1h);
  for (int round = 1; round < 200; round += 2) {
    REQUIRE(take_lease(trial(round), 0, "dead-1-0", watch));
  }
  const std::vector<int> winners = races(8, 200, [&](int round, int i) {
    const auto lease = take_lease(trial(round), 0, ids[static_cast<std::size_t>(i)], watch);
    return lease && lease->token == (is_takeover(round) ? 2 : 1) && is_held(*lease);
  });
  CHECK(winners == std::vector<int>(200, 1));
  for (int round = 0; round < 200; ++round) CHECK(names_in(trial(round)).size() == 1);
}

TEST_CASE("a trial that many processes take, give back and take over is held by one at a time",
          "[slow]") {
  const TemporaryFolder folder;
  std::vector<std::unique_ptr<Heartbeat>> beats;
  for (int i = 0; i < 8; ++i) beats.push_back(std::make_unique<Heartbeat>(folder / "runs"));
  const auto trial = folder / "checkpoints/abc";
  const auto place = folder / "held";
  // Each holder claims a place of its own by O_EXCL: two at a time would meet there.
  const int met_nobody = race(8, [&](int i) {
    RunWatch watch(folder / "runs", 1h);
    for (int round = 0; round < 100; ++round) {
      const auto lease = take_lease(trial, 0, beats[static_cast<std::size_t>(i)]->id(), watch);
      if (!lease) continue;
      if (!is_held(*lease)) return false;
      if (!std::filesystem::create_directory(place)) return false;
      write_bytes(trial / ("trial." + std::to_string(lease->token) + ".h5"), "");
      std::filesystem::remove(place);
      if (round % 3 == 0) {
        clear(*lease);
      } else {
        release(*lease);
      }
    }
    return true;
  });
  CHECK(met_nobody == 8);
}
