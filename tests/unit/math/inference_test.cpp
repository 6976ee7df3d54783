#include <stdexcept>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Batch batch_of(const Tensor& images) { return {.input = images, .target = images}; }

/// A posterior without a closed KL divergence: a Normal that does not say so.
class Opaque final : public Distribution {
 public:
  explicit Opaque(Normal inner) : inner_(std::move(inner)) {}
  std::string_view family() const override { return "test.opaque"; }
  Sample rsample(Draw& draw) const override { return inner_.rsample(draw); }
  Tensor log_density(const Tensor& value) const override { return inner_.log_density(value); }

 private:
  Normal inner_;
};

struct Fixture {
  Tensor mean = doubles({0.5, -1, 2, 0, 1, -0.3}).view({1, 2, 3});
  Tensor log_var = doubles({0.1, -1, 0.5, -2, 0, 0.7}).view({1, 2, 3});
  DistributionPtr prior = Normal::unit({3}, torch::kCPU);
  Inference inference{batch_of(at::full({2, 1, 2, 2}, 0.25))};
};

}  // namespace

TEST_CASE("log-likelihood and KL divergence are computed once") {
  Fixture f;
  Draw draw(1, 4);
  const auto q = std::make_shared<Normal>(f.mean, f.log_var);
  f.inference.blocks = {{"z", q, f.prior, q->rsample(draw).value, {}}};
  f.inference.likelihood = std::make_shared<Bernoulli>(draw.normal({4, 2, 1, 2, 2}));
  CHECK(f.inference.log_likelihood().is_same(f.inference.log_likelihood()));
  CHECK(f.inference.kl(0).is_same(f.inference.kl(0)));
  CHECK(f.inference.log_likelihood().sizes() == at::IntArrayRef({4, 2}));
  CHECK(close(f.inference.kl(0), kl_to_unit_normal(f.mean, f.log_var)));
  CHECK(close(f.inference.kl_per_sample(0), kl_to_unit_normal(f.mean, f.log_var).sum(-1)[0]));
}

TEST_CASE("a block without a prior has no KL divergence and no part in the weight") {
  Fixture f;
  Draw draw(2, 4);
  const auto q = std::make_shared<Normal>(f.mean, f.log_var);
  f.inference.blocks = {{"code", nullptr, nullptr, f.mean, {}},
                        {"z", q, f.prior, q->rsample(draw).value, {}}};
  f.inference.likelihood = std::make_shared<Bernoulli>(draw.normal({4, 2, 1, 2, 2}));
  CHECK_FALSE(f.inference.kl(0).defined());
  CHECK(close(total_kl(f.inference), kl_to_unit_normal(f.mean, f.log_var).sum(-1).mean()));
  const auto& z = f.inference.blocks[1].value;
  CHECK(close(f.inference.log_weight(),
              f.inference.log_likelihood() + f.prior->log_prob(z) - q->log_prob(z)));
  CHECK(f.inference.block_index("z") == 1);
  CHECK_THROWS_AS(f.inference.block_index("y"), std::out_of_range);
}

TEST_CASE("without any KL divergence the total is zero") {
  Fixture f;
  f.inference.blocks = {{"code", nullptr, nullptr, f.mean, {}}};
  CHECK(number(total_kl(f.inference)) == 0);
}

TEST_CASE("without a closed form the KL divergence is an estimate whose mean is the truth") {
  Fixture f;
  const std::int64_t samples = 200'000;
  Draw draw(3, samples);
  const auto q = std::make_shared<Opaque>(Normal(f.mean, f.log_var));
  f.inference.blocks = {{"z", q, f.prior, q->rsample(draw).value, {}}};
  const auto& estimate = f.inference.kl(0);
  REQUIRE(estimate.sizes() == at::IntArrayRef({samples, 2, 1}));
  const auto truth = kl_to_unit_normal(f.mean, f.log_var).sum(-1)[0];
  const auto error = estimate.std(0).squeeze(-1) / std::sqrt(static_cast<double>(samples));
  CHECK(((f.inference.kl_per_sample(0) - truth).abs() < 5 * error).all().item<bool>());
}

TEST_CASE("if only sampling knows log q, the KL divergence is estimated from it") {
  Fixture f;
  Draw draw(4, 3);
  // A posterior with a closed form, whose draw was then moved by a flow that scales by 2.
  const auto base = std::make_shared<Normal>(f.mean, f.log_var);
  const auto drawn = base->rsample(draw).value;
  const auto log_q = base->log_prob(drawn) - 3 * std::log(2.0);
  f.inference.blocks = {{"z", base, f.prior, 2 * drawn, log_q}};
  const auto scaled = Normal(2 * f.mean, f.log_var + 2 * std::log(2.0));
  const auto truth = scaled.log_prob(2 * drawn) - f.prior->log_prob(2 * drawn);
  REQUIRE(f.inference.kl(0).sizes() == at::IntArrayRef({3, 2, 1}));
  CHECK(close(f.inference.kl(0).squeeze(-1), truth));
}

TEST_CASE("the KL divergence of a spatial code is summed over all its dimensions") {
  Draw draw(5);
  const auto mean = draw.normal({1, 2, 3, 4, 4});
  const auto log_var = draw.normal({1, 2, 3, 4, 4});
  const auto q = std::make_shared<Normal>(mean, log_var);
  Inference inference(batch_of(at::zeros({2, 1, 2, 2})));
  inference.blocks = {{"z", q, Normal::unit({3, 4, 4}, torch::kCPU), q->rsample(draw).value, {}}};
  REQUIRE(inference.kl(0).sizes() == at::IntArrayRef({1, 2, 48}));
  CHECK(close(inference.kl_per_sample(0), kl_to_unit_normal(mean, log_var).flatten(2).sum(-1)[0]));
}

TEST_CASE("reconstruction is summed over pixels and averaged over samples and images") {
  Fixture f;
  Draw draw(6);
  const auto logits = draw.normal({5, 2, 1, 2, 2});
  f.inference.likelihood = std::make_shared<Bernoulli>(logits);
  double truth = 0;
  const auto l = logits.to(at::kDouble).contiguous();
  const auto* data = l.data_ptr<double>();
  for (std::int64_t i = 0; i < l.numel(); ++i)
    truth -= 0.25 * data[i] - std::log1p(std::exp(data[i]));
  CHECK(number(reconstruction(f.inference)) == Approx(truth / (5 * 2)).epsilon(1e-5));
}

TEST_CASE("prior draws of a model are one sample of n, and need a prior") {
  class Priors final : public Model {
   public:
    explicit Priors(DistributionPtr prior) : prior_(std::move(prior)) {}
    std::vector<Latent> latents() const override { return {{"z", "normal", {3}, prior_}}; }
    std::vector<Block> encode(const Batch&, Draw&) override { return {}; }
    DistributionPtr decode(const LatentValues&) override { return {}; }
    DistributionPtr prior_;
  };
  Draw draw(7);
  const auto z = Priors(Normal::unit({3}, torch::kCPU)).sample_prior(50'000, {}, draw).at("z");
  REQUIRE(z.sizes() == at::IntArrayRef({1, 50'000, 3}));
  CHECK(number(z.mean()) == Approx(0).margin(5 / std::sqrt(150'000)));
  CHECK(number(z.square().mean()) == Approx(1).margin(5 * std::sqrt(2 / 150'000.0)));
  CHECK_THROWS_AS(Priors(nullptr).sample_prior(2, {}, draw), TrialError);
}
