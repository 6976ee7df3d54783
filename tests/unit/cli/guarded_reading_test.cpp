#include "cli/guarded_reading.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>

#include "analysis/comparison.hpp"
#include "store/results.hpp"
#include "store_fixtures.hpp"
#include "support/catch.hpp"

using namespace varia;
using cli::read_guarded;

namespace {

/// Everything that show, compare, report and export ask of a file.
void read_all(const std::string& path) {
  const auto results = store::open_results(path);
  for (const auto& metric : results.metrics()) {
    results.metric(metric.name);
    if (metric.shape.empty()) results.final_values(metric.name);
  }
  for (const auto& key : results.schedules()) results.schedule(key, 0, results.size());
  results.seconds(0, results.size());
  for (std::size_t trial = 0; trial < results.size(); ++trial) {
    for (const auto& name : results.steps()) results.step_values(name, trial);
    for (const auto& name : results.points()) results.point_sets(name, trial);
    for (const auto& view : results.views()) {
      results.captions(view.name, trial);
      results.layout(view.name, trial);
      for (std::size_t i = 0; i < results.picture_count(view.name, trial); ++i)
        results.picture(view.name, trial, i);
    }
  }
  analysis::compare(results, {});
}

int read_quietly(const std::string& path) {
  // Not the test framework's own handlers.
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  try {
    read_all(path);
    return 0;
  } catch (const Error&) {
    return 3;
  }
}

/// A file with all that a results file can hold.
void write_good_file(const store::TemporaryFolder& folder, const std::string& path) {
  std::vector<store::PlannedTrial> plan;
  for (const std::string id : {"a", "b", "c"}) {
    plan.push_back({id, folder / (id + ".h5")});
    store::TrialFile file(store::working(plan.back().path), store::header_of(id));
    for (int epoch = 1; epoch <= 3; ++epoch) file.append(store::record_of(epoch));
    file.add_picture("samples", {}, store::picture_of(1, 30, 30));
    file.add_points("plane", store::points_of(1, 5));
    file.publish(store::Status::done, "", plan.back().path, true);
  }
  store::merge(store::experiment_info(), plan, path);
}

std::string changed(std::string bytes, std::mt19937_64& random) {
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  switch (below(4)) {
    case 0:  // one to eight bytes
      for (std::size_t left = 1 + below(8); left > 0; --left)
        bytes[below(bytes.size())] = static_cast<char>(below(256));
      break;
    case 1:  // bits
      for (std::size_t left = 1 + below(8); left > 0; --left)
        bytes[below(bytes.size())] ^= static_cast<char>(1U << below(8));
      break;
    case 2: {  // a block of zeros
      const auto from = below(bytes.size());
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  std::min<std::size_t>(bytes.size() - from, 1 + below(4096)), '\0');
      break;
    }
    default: {  // a block of another place
      const auto length = 1 + below(512);
      const auto from = below(bytes.size() - length);
      const auto to = below(bytes.size() - length);
      std::copy_n(std::string(bytes, from, length).begin(), length,
                  bytes.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("what a guarded command returns and throws comes through") {
  CHECK(read_guarded({"none.h5"}, [] { return 0; }) == 0);
  CHECK(read_guarded({"none.h5"}, [] { return 75; }) == 75);
  CHECK(read_guarded({}, []() -> int { throw ConfigError("expected of this test"); }) == 2);
  CHECK(read_guarded({"expected.h5"}, []() -> int { throw std::bad_alloc(); }) == 2);
}

TEST_CASE(
    "a command that crashes, hangs or takes all memory ends with an error that names the file") {
  const auto error_of = [](const std::function<int()>& command) {
    return store::error_of([&] { read_guarded({"damaged.h5"}, command); });
  };
  const auto crash = error_of([] { return std::raise(SIGSEGV); });
  CHECK(store::contains(crash, "damaged.h5: the process that read it was killed by signal 11"));
  CHECK(store::contains(crash, "varia merge makes a merged file anew"));
  CHECK(read_guarded({"damaged.h5"}, [] {
          const std::vector<char> all(std::size_t{3} << 30U, 'x');
          return static_cast<int>(all[1] == 'y');
        }) == 2);
}

TEST_CASE("a command that never comes back is ended", "[slow]") {
  CHECK(store::contains(store::error_of([] {
                          read_guarded({"damaged.h5"}, [] {
                            for (volatile int i = 0;;) i = i + 1;
                            return 0;
                          });
                        }),
                        "damaged.h5: reading took more than 5 s of processor time"));
}

TEST_CASE("changed files are an error or an answer, never a crash or a hang", "[slow]") {
  const auto* const wanted = std::getenv("VARIA_MUTATIONS");
  const int count = wanted != nullptr ? std::atoi(wanted) : 100;
  const store::TemporaryFolder folder;
  const auto path = folder / "changed.h5";
  write_good_file(folder, folder / "good.h5");
  REQUIRE(read_guarded({folder / "good.h5"}, [&] { return read_quietly(folder / "good.h5"); }) ==
          0);
  const auto good = store::bytes_of(folder / "good.h5");
  std::mt19937_64 random(20260101);
  int answers = 0;
  int errors = 0;
  int deaths = 0;
  double longest = 0;
  for (int i = 0; i < count; ++i) {
    store::write_bytes(path, changed(good, random));
    const auto began = std::chrono::steady_clock::now();
    try {
      const int code = read_guarded({path}, [&] { return read_quietly(path); });
      REQUIRE((code == 0 || code == 2 || code == 3));
      ++(code == 0 ? answers : errors);
    } catch (const StoreError& error) {
      ++deaths;
      REQUIRE(store::contains(error.what(), path));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    longest = std::max(longest, took.count());
  }
  WARN(count << " changed files: " << answers << " answers, " << errors << " errors, " << deaths
             << " processes that died; the longest took " << longest << " s");
  CHECK(answers + errors + deaths == count);
  CHECK(errors > 0);
}
