#include <ATen/Functions.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "training/checkpoint/checkpoint.hpp"
#include "trial_runs.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLimit = 1 << 20;

Checkpoint example() {
  Checkpoint c;
  c.trial = "0123456789abcdef";
  c.fingerprint = "f";
  c.step = 17;
  c.records = 2;
  c.record.seconds = 0.1;
  c.record.means = {{"kl", {NAN, 3}}, {"loss", {1e300, -0.0}}};
  c.record.steps = {{"loss", {{1, 0.5}, {17, -INFINITY}}}, {"nothing", {}}};
  c.record.metrics = Evaluator::RunningMetrics{
      {"nmi", {{"counts", at::arange(6, at::kLong).view({2, 3})}}}, {"empty", {}}};
  for (const auto type : {at::kByte, at::kChar, at::kShort, at::kInt, at::kLong, at::kHalf,
                          at::kFloat, at::kDouble, at::kBool, at::kBFloat16, at::kComplexFloat})
    c.components.tensors.emplace_back(toString(type), at::arange(12).view({3, 4}).to(type));
  c.components.tensors.emplace_back("scalar", at::full({}, 2.5));
  c.components.tensors.emplace_back("empty", at::empty({0, 3}));
  c.components.tensors.emplace_back("transposed", at::arange(12).view({3, 4}).t());
  c.components.optimizers = {{{"mean", at::ones({2})}}, {}};
  c.kept.epoch = 2;
  c.kept.tensors = {{"w", at::full({2}, NAN)}};
  c.stopping.waited = 3;
  c.stopping.best.epoch = 4;
  c.stopping.best.value = -INFINITY;
  c.stopping.best.tensors = {{"w", at::full({3}, 7.0)}};
  return c;
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  const auto x = a.contiguous(), y = b.contiguous();
  return x.scalar_type() == y.scalar_type() && x.sizes() == y.sizes() &&
         (x.nbytes() == 0 || std::memcmp(x.data_ptr(), y.data_ptr(), x.nbytes()) == 0);
}

void check_same(const NamedTensors& a, const NamedTensors& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].first);
    CHECK(a[i].first == b[i].first);
    CHECK(same_bytes(a[i].second, b[i].second));
  }
}

}  // namespace

TEST_CASE("a checkpoint is read as it was written, with every type of tensor") {
  const varia::testing::TemporaryFolder folder;
  const auto path = (folder / "checkpoint.1").string();
  const auto wrote = example();
  write_checkpoint(path, wrote);
  const auto read = read_checkpoint(path, kLimit);
  CHECK(read.trial == wrote.trial);
  CHECK(read.fingerprint == wrote.fingerprint);
  CHECK(read.step == 17);
  CHECK(read.records == 2);
  CHECK(read.record.seconds == 0.1);
  const auto& sums = read.record.means;
  REQUIRE(sums.size() == 2);
  CHECK(std::isnan(sums.at("kl").total));
  CHECK(sums.at("kl").weight == 3);
  CHECK(sums.at("loss").total == 1e300);
  CHECK(std::signbit(sums.at("loss").weight));
  const bool same_steps = read.record.steps == wrote.record.steps;
  CHECK(same_steps);
  const auto& metrics = read.record.metrics.value();
  REQUIRE(metrics.size() == 2);
  CHECK(metrics.at("empty").empty());
  CHECK(same_bytes(metrics.at("nmi").at("counts"), wrote.record.metrics->at("nmi").at("counts")));
  check_same(read.components.tensors, wrote.components.tensors);
  REQUIRE(read.components.optimizers.size() == 2);
  check_same(read.components.optimizers[0], wrote.components.optimizers[0]);
  CHECK(read.components.optimizers[1].empty());
  CHECK(read.kept.epoch == 2);
  CHECK(std::isnan(read.kept.value));
  check_same(read.kept.tensors, wrote.kept.tensors);
  CHECK(read.stopping.waited == 3);
  CHECK(read.stopping.best.epoch == 4);
  CHECK(read.stopping.best.value == -INFINITY);
  check_same(read.stopping.best.tensors, wrote.stopping.best.tensors);
}

TEST_CASE("the checkpoint before the last one stays beside it") {
  const varia::testing::TemporaryFolder folder;
  const auto path = (folder / "checkpoint.1").string();
  auto checkpoint = example();
  for (const std::int64_t step : {1, 2, 3}) {
    checkpoint.step = step;
    write_checkpoint(path, checkpoint);
  }
  CHECK(read_checkpoint(path, kLimit).step == 3);
  CHECK(read_checkpoint(path + ".previous", kLimit).step == 2);
}

TEST_CASE("a checkpoint of which any byte changed, or any part is missing, is refused") {
  const varia::testing::TemporaryFolder folder;
  const auto path = (folder / "checkpoint.1").string();
  write_checkpoint(path, example());
  const auto good = read_file(path);
  REQUIRE(good.size() > 1000);
  for (std::size_t i = 0; i < good.size(); i += i < 64 ? 1 : 13) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    write_file(path, bad);
    CHECK_THROWS_AS(read_checkpoint(path, kLimit), StoreError);
    write_file(path, good.substr(0, i));
    CHECK_THROWS_AS(read_checkpoint(path, kLimit), StoreError);
  }
  write_file(path, good + '\0');
  CHECK_THROWS_AS(read_checkpoint(path, kLimit), StoreError);
  write_file(path, good);
  CHECK_THROWS_AS(read_checkpoint(path, good.size() - 1), StoreError);
  CHECK_THROWS_AS(read_checkpoint((folder / "nothing").string(), kLimit), StoreError);
  CHECK(read_checkpoint(path, good.size()).step == 17);
}

TEST_CASE("a state that does not fit changes nothing") {
  const std::string rest = "loss: {use: elbo}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n";
  const std::string data = "data: {use: synthetic}\n";
  Run run(data + rest + "model: {use: mlp_vae, hidden: [12], latent: 3}\n");
  Run wider(data + rest + "model: {use: mlp_vae, hidden: [13], latent: 3}\n");
  Run other(data + rest + "model: {use: autoencoder}\n");
  const auto before = run.snapshot();
  CHECK_THROWS_AS(restore(state_of(wider.components), run.components), TrialError);
  CHECK_THROWS_AS(restore(state_of(other.components), run.components), TrialError);
  auto state = state_of(run.components);
  for (auto& [name, tensor] : state.tensors) tensor = at::ones_like(tensor);
  state.optimizers[0].back().second = at::ones({7});
  CHECK_THROWS_AS(restore(state, run.components), TrialError);
  CHECK(same_bits(before, run.snapshot()));
}
