#include "training/checkpoint/checkpoint.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "files/whole_file.hpp"
#include "training/checkpoint/checkpoint_codec.hpp"

namespace varia::training {

namespace {

void put(CheckpointWriter& out, const Checkpoint& c) {
  out.text(c.trial);
  out.text(c.fingerprint);
  out.integer(c.step);
  out.integer(c.records);
  out.real(c.record.seconds);
  out.count(c.record.means.sums().size());
  for (const auto& [name, sum] : c.record.means.sums()) {
    out.text(name);
    out.real(sum.total);
    out.real(sum.weight);
  }
  out.count(c.record.steps.size());
  for (const auto& [name, rows] : c.record.steps) {
    out.text(name);
    out.count(rows.size());
    for (const auto& row : rows) {
      out.integer(row.step);
      out.real(row.value);
    }
  }
  const auto metrics = c.record.metrics.value_or(Evaluator::RunningMetrics{});
  out.count(metrics.size());
  for (const auto& [name, state] : metrics) {
    out.text(name);
    out.tensors({state.begin(), state.end()});
  }
  out.tensors(c.components.tensors);
  out.count(c.components.optimizers.size());
  for (const auto& state : c.components.optimizers) out.tensors(state);
  out.integer(c.snapshot.epoch);
  out.real(c.snapshot.best_loss);
  out.tensors(c.snapshot.tensors);
}

Checkpoint get(CheckpointReader& in) {
  Checkpoint c;
  c.trial = in.text();
  c.fingerprint = in.text();
  c.step = in.integer();
  c.records = in.integer();
  c.record.seconds = in.real();
  std::map<std::string, RunningMeans::Sum> sums;
  for (auto left = in.count(); left > 0; --left) {
    const auto name = in.text();
    const auto total = in.real();
    sums[name] = {total, in.real()};
  }
  c.record.means = RunningMeans(std::move(sums));
  for (auto left = in.count(); left > 0; --left) {
    auto& rows = c.record.steps[in.text()];
    for (auto rows_left = in.count(); rows_left > 0; --rows_left) {
      const auto step = in.integer();
      rows.push_back({step, in.real()});
    }
  }
  auto& metrics = c.record.metrics.emplace();
  for (auto left = in.count(); left > 0; --left) {
    auto& state = metrics[in.text()];
    for (auto& [name, tensor] : in.tensors()) state[name] = tensor;
  }
  c.components.tensors = in.tensors();
  for (auto left = in.count(); left > 0; --left) c.components.optimizers.push_back(in.tensors());
  c.snapshot.epoch = in.integer();
  c.snapshot.best_loss = in.real();
  c.snapshot.tensors = in.tensors();
  in.expect_end();
  return c;
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  CheckpointWriter out;
  put(out, checkpoint);
  // A crash between the two leaves the previous one.
  std::error_code not_there;
  std::filesystem::rename(path, path + ".previous", not_there);
  files::write_whole_file(path, out.sealed());
}

Checkpoint read_checkpoint(const std::string& path, std::uint64_t limit) {
  CheckpointReader in(path, files::read_whole_file(path, limit));
  return get(in);
}

}  // namespace varia::training
