#include "files/heartbeat.hpp"

#include <signal.h>

#include "support/catch.hpp"
#include "unit/files/files_fixtures.hpp"

using namespace varia::files;
using namespace std::chrono_literals;

TEST_CASE("a run's beat is there while it lives, and says who it is") {
  const TemporaryFolder folder;
  std::string id;
  {
    const Heartbeat beat(folder / "runs");
    id = beat.id();
    CHECK(id.find("-" + std::to_string(::getpid()) + "-") != std::string::npos);
    CHECK(names_in(folder / "runs") == std::vector<std::string>{id});
    RunWatch watch(folder / "runs", 0ms);
    const RunInfo info = watch.info(id);
    CHECK(info.host == host_name());
    CHECK(info.process == ::getpid());
    CHECK(info.is_here);
    CHECK(info.since.size() == std::string("2026-01-02T03:04:05Z").size());
    const Heartbeat second(folder / "runs");
    CHECK(second.id() != id);
  }
  CHECK(names_in(folder / "runs").empty());
}

TEST_CASE("a run beats by itself, at the latest every five seconds") {
  const TemporaryFolder folder;
  const Heartbeat beat(folder.path(), 1ms);
  const std::string first = bytes_of(folder / beat.id());
  const auto began = std::chrono::steady_clock::now();
  while (bytes_of(folder / beat.id()) == first)
    REQUIRE(std::chrono::steady_clock::now() - began < 1min);
  const Heartbeat slow(folder.path(), 1h);
  CHECK(nlohmann::json::parse(bytes_of(folder / slow.id())).at("every") == 5000);
}

TEST_CASE("an impatient watcher waits for the beats that a run promised") {
  const TemporaryFolder folder;
  write_beat(folder.path(), "far", elsewhere(), 1, 5000);
  write_beat(folder.path(), "quick", elsewhere(), 1, 0);
  write_beat(folder.path(), "never", elsewhere(), 1, -1);
  RunWatch impatient(folder.path(), 0ms);
  CHECK_FALSE(impatient.is_dead("far"));
  CHECK(impatient.is_dead("quick"));
  CHECK(impatient.is_dead("never"));
}

TEST_CASE("a forked child neither beats for its parent nor removes the file") {
  const TemporaryFolder folder;
  Heartbeat beat(folder.path(), 1h);
  const std::string before = bytes_of(folder / beat.id());
  CHECK(race(1, [&](int) {
          beat.~Heartbeat();
          return true;
        }) == 1);
  CHECK(bytes_of(folder / beat.id()) == before);
}

TEST_CASE("a folder that is gone costs no run its life, and it beats on when it is back") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "real");
  const auto link = [&](const char* name) {
    std::filesystem::create_directory_symlink(folder / "real", folder / name);
  };
  link("runs");
  const Heartbeat beat(folder / "runs", 1ms);
  write_bytes(folder / "file", "a file in its place");
  std::filesystem::rename(folder / "file", folder / "runs");
  CHECK(contains(error_of([&] { const Heartbeat other(folder / "runs"); }), "runs"));
  std::filesystem::remove_all(folder / "real");
  std::filesystem::create_directory(folder / "real");
  link("back");
  std::filesystem::rename(folder / "back", folder / "runs");
  const auto began = std::chrono::steady_clock::now();
  while (!std::filesystem::exists(folder / "real" / beat.id()))
    REQUIRE(std::chrono::steady_clock::now() - began < 1min);
}

TEST_CASE("a process that is gone is dead at once, a living one is not") {
  const TemporaryFolder folder;
  RunWatch watch(folder.path(), 1h);
  const Heartbeat beat(folder.path());
  CHECK_FALSE(watch.is_dead(beat.id()));

  write_dead_run(folder.path(), "gone");
  CHECK(watch.is_dead("gone"));

  Process reused = this_process();
  REQUIRE(reused.started > 1);
  reused.started -= 1;
  write_beat(folder.path(), "number-used-again", reused);
  CHECK(watch.is_dead("number-used-again"));

  // The name of the machine says nothing: it may have been changed.
  Process renamed = this_process();
  renamed.host = "another-name";
  renamed.number = ended_process();
  renamed.started = 1;
  write_beat(folder.path(), "renamed", renamed);
  CHECK(watch.is_dead("renamed"));
}

TEST_CASE("another start of a machine of the same name may be another machine: patience decides") {
  const TemporaryFolder folder;
  Process other = this_process();
  other.boot = GENERATE("another-boot", "");
  other.number = ended_process();
  write_beat(folder.path(), "other", other);
  RunWatch patient(folder.path(), 1h);
  CHECK_FALSE(patient.is_dead("other"));
  CHECK_FALSE(patient.info("other").is_here);
  RunWatch impatient(folder.path(), 0ms);
  CHECK(impatient.is_dead("other"));
}

TEST_CASE("a process that ended and was not waited for is dead") {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  Process process = this_process();
  process.number = child;
  process.started = 0;
  CHECK(is_gone(process));
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("a run of another machine, or of another container, is dead only after patience") {
  const TemporaryFolder folder;
  Process process = elsewhere();
  if (GENERATE(true, false)) {
    process = this_process();
    process.number = ended_process();
    process.space = "pid:[1]";
  }
  write_beat(folder.path(), "far", process);
  RunWatch patient(folder.path(), 1h);
  CHECK_FALSE(patient.is_dead("far"));
  CHECK_FALSE(patient.is_dead("far"));
  RunWatch impatient(folder.path(), 0ms);
  CHECK(impatient.is_dead("far"));
}

TEST_CASE("a beat that goes on keeps a run alive, whatever its clock says", "[slow]") {
  const TemporaryFolder folder;
  RunWatch watch(folder.path(), 300ms);
  const auto began = std::chrono::steady_clock::now();
  auto last = began;
  int beats = 0;
  while (last - began < 700ms) {
    last = std::chrono::steady_clock::now();
    write_beat(folder.path(), "far", elsewhere(), ++beats);
    // As if the other machine's clock had been set back by years.
    std::filesystem::last_write_time(folder / "far", {});
    REQUIRE_FALSE(watch.is_dead("far"));
  }
  while (!watch.is_dead("far")) REQUIRE(std::chrono::steady_clock::now() - last < 1min);
  CHECK(std::chrono::steady_clock::now() - last >= 300ms);
  write_beat(folder.path(), "far", elsewhere(), ++beats);
  CHECK_FALSE(watch.is_dead("far"));
}

TEST_CASE("a run without a file, or with a damaged one, is dead after patience") {
  const TemporaryFolder folder;
  write_bytes(folder / "empty", "");
  write_bytes(folder / "list", "[1, 2]");
  write_bytes(folder / "types", R"({"host": 7, "process": "x", "started": null, "boot": []})");
  write_bytes(folder / "large", std::string(1 << 20, '{'));
  write_bytes(folder / "deep", std::string(4000, '['));
  for (const char* run : {"none", "empty", "list", "types", "large", "deep"}) {
    RunWatch patient(folder.path(), 1h);
    CHECK_FALSE(patient.is_dead(run));
    CHECK(patient.info(run).process == 0);
    RunWatch impatient(folder.path(), 0ms);
    CHECK(impatient.is_dead(run));
  }
}

TEST_CASE("what is not a run's id is never opened") {
  const TemporaryFolder folder;
  write_beat(folder.path(), "good", this_process());
  RunWatch watch(folder / "sub", 1h);
  for (const std::string id : {"../good", "", ".", "a b", "a/b"}) {
    CHECK(watch.is_dead(id));
    CHECK(watch.info(id).host.empty());
  }
  CHECK(watch.is_dead(std::string(1000, 'a')));
}
