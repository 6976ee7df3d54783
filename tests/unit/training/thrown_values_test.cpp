#include <fcntl.h>
#include <unistd.h>

#include <exception>
#include <stdexcept>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "sweep/workers/child_process.hpp"
#include "training/messages.hpp"
#include "trial_runs.hpp"

// What a component throws, and what becomes of the trial and its process.

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace {

template <class Value>
std::string text_of(const Value& value) {
  return one_line(std::make_exception_ptr(value));
}

constexpr const char* kProbed =
    "data: {use: synthetic, batch: 16}\n"
    "model: {use: mlp_vae, hidden: [12], latent: 3}\n"
    "loss: {use: elbo}\noptimizer: {use: adam, lr: 1e-3}\n"
    "train: {epochs: 2, threads: 1}\nmetrics: [{use: probe, every: 2}]\n";

}  // namespace

TEST_CASE("whatever is thrown has a text") {
  CHECK(text_of(std::runtime_error("two\nlines")) == "two lines");
  CHECK(text_of(42) == "it threw something that is not a std::exception");
}

TEST_CASE("a trial ends as failed if what is thrown is no exception, with what it had recorded") {
  on_probe() = [] { throw 42; };
  TrialRuns runs(kProbed);
  const auto piece = runs.run();
  on_probe() = {};
  CHECK(piece.outcome.end == TrialEnd::failed);
  CHECK(piece.outcome.error == kNoException);
  CHECK(piece.records == std::vector<std::int64_t>{1});
  const auto info = results::read_trial_info(runs.published().string());
  CHECK(info.status == results::TrialState::failed);
  CHECK(info.error == kNoException);
}

TEST_CASE("a child process that something is thrown in ends with a code, and says what it was") {
  const varia::testing::TemporaryFolder folder;
  const auto path = folder / "printed";
  const int output = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(output >= 0);
  sweep::ChildProcess child([]() -> int { throw 42; }, output);
  ::close(output);
  CHECK(child.wait().text() == "ended with exit code 1");
  CHECK(read_file(path) == "it threw something that is not a std::exception\n");
}
