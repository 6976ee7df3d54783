#include "trial_runs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "files/lease.hpp"
#include "results/tensors.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

namespace varia::test {

namespace fs = std::filesystem;

namespace {

/// An error of the store, which no trial takes for its own failure.
struct Death final : StoreError {
  Death() : StoreError("the process of the trial dies") {}
};

class Listener final : public training::TrialObserver {
 public:
  Listener(TrialRuns::Piece& piece, const std::function<void(std::int64_t)>& after_step)
      : piece_(piece), after_step_(after_step) {}
  void on_step(std::int64_t step, std::int64_t, std::int64_t, double) override {
    piece_.steps.push_back(step);
    if (after_step_) after_step_(step);
  }
  void on_record(const results::EpochRecord& record) override {
    piece_.records.push_back(record.epoch);
  }

 private:
  TrialRuns::Piece& piece_;
  const std::function<void(std::int64_t)>& after_step_;
};

}  // namespace

TrialRuns::TrialRuns(const std::string& text) : trial(make_trial(text)), cache_(registry()) {
  environment.versions.varia = "test";
  beat_.emplace(folder_ / "runs");
  watch_.emplace(folder_ / "runs", std::chrono::milliseconds(0));
}

files::Lease TrialRuns::take() {
  published_token_ =
      fs::exists(published()) ? results::read_trial_info(published().string()).token : 0;
  const auto lease = files::take_lease(in_progress(), published_token_, beat_->id(), *watch_);
  if (!lease) throw std::runtime_error("the lease is not free");
  return *lease;
}

training::TrialJob TrialRuns::job(const files::Lease& lease) {
  training::TrialJob job{trial, registry(),  cache_,       environment,
                         lease, published(), parameters(), stop};
  job.checkpoint_every = checkpoint_every;
  job.until = until;
  job.finished_records = finished_records;
  job.published_token = published_token_;
  return job;
}

TrialRuns::Piece TrialRuns::run(const std::function<void(std::int64_t)>& after_step) {
  return run_under(take(), after_step);
}

TrialRuns::Piece TrialRuns::run_under(const files::Lease& lease,
                                      const std::function<void(std::int64_t)>& after_step) {
  Piece piece;
  Listener listener(piece, after_step);
  stop = false;
  piece.outcome = training::run_trial(job(lease), listener);
  files::release(lease);
  return piece;
}

int TrialRuns::run_step_by_step() {
  int pieces = 1;
  while (run([&](std::int64_t) { stop = true; }).outcome.end == training::TrialEnd::interrupted)
    ++pieces;
  return pieces;
}

TrialRuns::Piece TrialRuns::die_after(std::int64_t step) {
  Piece piece;
  const std::function<void(std::int64_t)> die = [step](std::int64_t now) {
    if (now >= step) throw Death{};
  };
  Listener listener(piece, die);
  const auto lease = take();
  stop = false;
  try {
    piece.outcome = training::run_trial(job(lease), listener);
  } catch (const Death&) {
  }
  // Its run is dead, and so the lease is free.
  files::release(lease);
  return piece;
}

training::TrialOutcome TrialRuns::crash(const std::string& error) {
  const auto lease = take();
  const auto outcome = training::record_crash(job(lease), error);
  files::release(lease);
  return outcome;
}

void TrialRuns::take_over(std::uint64_t token) {
  fs::create_directories(in_progress());
  const auto lease = "lease." + std::to_string(token);
  fs::create_symlink("another-1-run", in_progress() / lease);
  for (const auto& name : files())
    if (name.starts_with("lease.") && name != lease) fs::remove(in_progress() / name);
}

std::vector<std::string> TrialRuns::files() const {
  std::vector<std::string> names;
  if (!fs::exists(in_progress())) return names;
  for (const auto& entry : fs::directory_iterator(in_progress()))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

fs::path TrialRuns::newest(const std::string& beginning) const {
  fs::path found;
  unsigned long long highest = 0;
  for (const auto& entry : fs::directory_iterator(in_progress())) {
    const auto name = entry.path().filename().string();
    if (name.rfind(beginning, 0) != 0 || name.find(".previous") != std::string::npos) continue;
    const auto token = std::stoull(name.substr(beginning.size()));
    if (token < highest) continue;
    found = entry.path();
    highest = token;
  }
  if (found.empty()) throw std::runtime_error("no file " + beginning);
  return found;
}

Whole::Whole(const std::string& text) : runs(text) {
  REQUIRE(runs.run().outcome.end == training::TrialEnd::done);
}

void check_same(const Whole& whole, const TrialRuns& runs) {
  REQUIRE(fs::exists(runs.published()));
  CHECK(difference(whole.runs.published(), runs.published()) == "");
  CHECK(parameter_difference(whole.runs.parameters(), runs.parameters()) == "");
  CHECK_FALSE(fs::exists(runs.in_progress()));
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

namespace {

bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

bool same(const results::Array& a, const results::Array& b) {
  return a.shape == b.shape &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(),
                    [](double x, double y) { return same(x, y); });
}

bool same(const results::StepValue& a, const results::StepValue& b) {
  return a.step == b.step && same(a.value, b.value);
}

bool same(const results::View& a, const results::View& b) { return a == b; }
bool same(const results::Points& a, const results::Points& b) { return a == b; }
bool same(const results::MetricInfo& a, const results::MetricInfo& b) { return a == b; }

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return same(x, y); });
}

template <class T>
std::string difference(const std::string& where, const std::map<std::string, T>& a,
                       const std::map<std::string, T>& b) {
  for (const auto& [key, value] : a) {
    const auto other = b.find(key);
    if (other == b.end()) return where + "/" + key + " is missing";
    if (!same(value, other->second)) return where + "/" + key;
  }
  return a.size() == b.size() ? "" : where + " has more";
}

std::string difference(const results::EpochRecord& a, const results::EpochRecord& b) {
  const auto where = "epoch " + std::to_string(a.epoch);
  if (a.epoch != b.epoch) return where;
  if (a.metrics.size() != b.metrics.size()) return where + ": splits";
  for (const auto& [split, values] : a.metrics) {
    if (b.metrics.count(split) == 0) return where + ": " + split;
    if (auto found = difference(where + " " + split, values, b.metrics.at(split)); !found.empty())
      return found;
  }
  if (auto found = difference(where + " schedules", a.schedules, b.schedules); !found.empty())
    return found;
  return difference(where + " steps", a.steps, b.steps);
}

}  // namespace

std::string difference(const fs::path& one, const fs::path& other) {
  const auto a = results::read_trial(one.string());
  const auto b = results::read_trial(other.string());
  const auto& h = a.header;
  const auto& i = b.header;
  if (h.status != i.status) return "status: " + results::state_text(i.status);
  if (h.error != i.error) return "error: " + i.error;
  if (h.id != i.id || h.config != i.config || h.parameters != i.parameters ||
      h.plugins != i.plugins || h.request != i.request || h.versions != i.versions ||
      h.target_epochs != i.target_epochs || h.seed != i.seed)
    return "header";
  if (auto found = difference("metrics", h.metrics, i.metrics); !found.empty()) return found;
  if (a.epochs.size() != b.epochs.size()) return "epochs: " + std::to_string(b.epochs.size());
  for (std::size_t e = 0; e < a.epochs.size(); ++e)
    if (auto found = difference(a.epochs[e], b.epochs[e]); !found.empty()) return found;
  if (auto found = difference("views", a.views, b.views); !found.empty()) return found;
  return difference("points", a.points, b.points);
}

std::string parameter_difference(const fs::path& one, const fs::path& other) {
  const auto a = results::load_tensors(one.string());
  const auto b = results::load_tensors(other.string());
  if (a.size() != b.size()) return "count";
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].name != b[i].name || a[i].type != b[i].type || a[i].shape != b[i].shape ||
        a[i].bytes != b[i].bytes)
      return a[i].name;
  return "";
}

}  // namespace varia::test
