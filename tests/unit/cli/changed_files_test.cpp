// 100 changed files here; VARIA_MUTATIONS=2000 in the environment for more, VARIA_SEED=7 for
// others. Most of the time goes to one file in a hundred, which sends libhdf5 round in circles
// until its processor time is up: objects without a size in a global heap.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include "cli/guarded_reading.hpp"
#include "cli/results/result_commands.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia;

namespace {

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

/// What a command did with changed files.
struct Tally {
  int answers = 0;
  int errors = 0;
  int deaths = 0;
  double longest = 0;  // seconds

  std::string text() const {
    return std::to_string(answers) + " answers, " + std::to_string(errors) + " errors, " +
           std::to_string(deaths) + " processes that died, the longest took " +
           std::to_string(longest) + " s\n";
  }
};

/// A results folder with a merged file and the files of three trials.
class Sweep {
 public:
  Sweep() {
    std::filesystem::create_directories(paths_.trials() / "00");
    for (const std::string id : {"00a", "00b", "00c"}) {
      plan_.push_back({id, paths_.trial(id).string()});
      results::TrialFile file(results::working(plan_.back().path), results::header_of(id));
      for (int epoch = 1; epoch <= 3; ++epoch) file.append(results::record_of(epoch));
      file.add_picture("samples", {}, results::picture_of(1, 30, 30));
      file.add_points("plane", results::points_of(1, 5));
      file.publish(results::TrialState::done, "", plan_.back().path, true);
    }
    results::merge(results::experiment_info(), plan_, merged());
    good_merged_ = results::bytes_of(merged());
    good_trial_ = results::bytes_of(plan_[1].path);
  }

  std::string merged() const { return paths_.merged().string(); }
  const std::string& good_merged() const { return good_merged_; }
  const std::string& good_trial() const { return good_trial_; }
  const std::string& trial() const { return plan_[1].path; }

  /// As varia merge reads its files.
  int merge() const {
    return cli::read_guarded(
        cli::result_files(paths_),
        [&] {
          silence();
          results::merge(results::experiment_info(), plan_, merged());
          return 0;
        },
        [](const std::string& file) {
          silence();
          cli::read_everything(file);
        });
  }

  int show() const {
    cli::ShowOptions options;
    options.file = merged();
    options.json = true;
    return guarded([&] { return cli::show(options); });
  }

  int compare() const {
    cli::CompareOptions options;
    options.file = merged();
    return guarded([&] { return cli::compare(options); });
  }

  int report() const {
    cli::ReportOptions options;
    options.files = {merged()};
    options.output = folder_ / "report.html";
    return guarded([&] { return cli::report(options); });
  }

  /// Restores what a merge may have replaced.
  void restore() const {
    results::write_bytes(merged(), good_merged_);
    results::write_bytes(trial(), good_trial_);
  }

 private:
  int guarded(const std::function<int()>& command) const {
    return cli::read_guarded({merged()}, [&] {
      silence();
      return command();
    });
  }

  /// In the other process: not the test framework's handlers, and no output.
  static void silence() {
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
  }

  results::TemporaryFolder folder_;
  results::ResultPaths paths_{folder_ / "", "sweep"};
  std::vector<results::PlannedTrial> plan_;
  std::string good_merged_;
  std::string good_trial_;
};

}  // namespace

TEST_CASE("changed files are an error or an answer, never a crash, a hang or all memory",
          "[slow]") {
  const auto number_in = [](const char* variable, int otherwise) {
    const auto* const text = std::getenv(variable);
    return text != nullptr ? std::atoi(text) : otherwise;
  };
  const int count = number_in("VARIA_MUTATIONS", 100);
  const Sweep sweep;
  using Command = int (Sweep::*)() const;
  const std::vector<std::pair<std::string, Command>> commands = {{"show", &Sweep::show},
                                                                 {"compare", &Sweep::compare},
                                                                 {"report", &Sweep::report},
                                                                 {"merge", &Sweep::merge}};
  for (const auto& [name, command] : commands) REQUIRE((sweep.*command)() == 0);
  std::mt19937_64 random(static_cast<std::uint64_t>(number_in("VARIA_SEED", 20260101)));
  std::map<std::string, Tally> tallies;
  for (int i = 0; i < count; ++i) {
    sweep.restore();
    // Every other one of the merge is of a trial's file.
    const auto changed_merged = changed(sweep.good_merged(), random);
    const auto changed_trial = changed(sweep.good_trial(), random);
    for (const auto& [name, command] : commands) {
      const bool of_trial = name == "merge" && i % 2 == 1;
      results::write_bytes(of_trial ? sweep.trial() : sweep.merged(),
                           of_trial ? changed_trial : changed_merged);
      // The checksum alone would refuse them.
      results::seal(of_trial ? sweep.trial() : sweep.merged());
      if (of_trial) results::write_bytes(sweep.merged(), sweep.good_merged());
      auto& tally = tallies[name];
      const auto began = std::chrono::steady_clock::now();
      try {
        const int code = (sweep.*command)();
        REQUIRE((code == 0 || code == 2));
        ++(code == 0 ? tally.answers : tally.errors);
      } catch (const StoreError& error) {
        ++tally.deaths;
        const auto& file = of_trial ? sweep.trial() : sweep.merged();
        // Where merging them ends the process, and reading no single one does, all are named.
        const bool of_all = name == "merge" && contains(error.what(), "and 3 more files");
        INFO(error.what());
        CHECK((of_all || contains(error.what(), file)));
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      tally.longest = std::max(tally.longest, took.count());
    }
  }
  std::string text = std::to_string(count) + " changed files\n";
  for (const auto& [name, tally] : tallies) {
    text += name + ": " + tally.text();
    CHECK(tally.answers + tally.errors + tally.deaths == count);
    CHECK(tally.errors > 0);
  }
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  WARN(text << "the largest process had " << children.ru_maxrss / 1024 << " MB");
  CHECK(children.ru_maxrss < 2 * 1024 * 1024);  // kilobytes
}
