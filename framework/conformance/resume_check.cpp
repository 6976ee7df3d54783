#include "conformance/resume_check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "conformance/test_trial.hpp"
#include "training/checkpoint/checkpoint.hpp"

namespace varia::conformance {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSteps = 3;
constexpr std::uint64_t kMaxCheckpoint = std::uint64_t{1} << 30;

/// What was recorded of a step, and the scheduled values.
std::vector<double> step(TestTrial& trial, std::int64_t number) {
  std::vector<double> values;
  for (const auto& scalar : trial.trainer.step(number).scalars) values.push_back(scalar.value);
  for (const auto& [key, value] : trial.components.scheduled_values()) values.push_back(value);
  return values;
}

/// NaN is the same as NaN.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

/// The state of one trial's components in another's, by way of a file.
void carry_over(const TestTrial& from, TestTrial& to) {
  auto folder = (fs::temp_directory_path() / "varia_contract_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr)
    throw std::runtime_error("no folder can be made in " + fs::temp_directory_path().string());
  const auto path = fs::path(folder) / "checkpoint";
  training::Checkpoint checkpoint;
  checkpoint.components = training::state_of(from.components);
  training::write_checkpoint(path, checkpoint);
  const auto read = training::read_checkpoint(path, kMaxCheckpoint);
  fs::remove_all(folder);
  training::restore(read.components, to.components);
}

}  // namespace

void check_resumes(const std::string& text, const Registry& registry, Findings& findings) {
  TestTrial whole(text, registry);
  TestTrial first(text, registry);
  TestTrial second(text, registry, 1);
  for (std::int64_t i = 0; i < kSteps; ++i) {
    step(whole, i);
    step(first, i);
  }
  carry_over(first, second);
  findings.expect(same_bits(first.snapshot(), second.snapshot()),
                  "parameters or buffers differ right after the checkpoint was read");
  for (std::int64_t i = kSteps; i < 2 * kSteps; ++i)
    findings.expect(same(step(whole, i), step(second, i)),
                    fmt::format("step {} differs from that of a run without a break: it keeps "
                                "something that is neither parameter, buffer nor optimizer state",
                                i + 1));
  findings.expect(same_bits(whole.snapshot(), second.snapshot()),
                  "parameters or buffers differ from those of a run without a break");
}

}  // namespace varia::conformance
