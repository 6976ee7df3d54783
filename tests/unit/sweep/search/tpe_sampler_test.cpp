#include "sweep/search/tpe_sampler.hpp"

#include <cmath>
#include <set>

#include "experiment/axes/searched_sweep.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "support/catch.hpp"

namespace varia::sweep {
namespace {

Value yaml(const std::string& text) { return experiment::read_yaml_text(text, "space.yaml"); }

experiment::SharedSearch search_with(const std::string& keys) {
  return experiment::load_search(yaml("search: {use: tpe, metric: validation/elbo, " + keys + "}"));
}

std::map<std::size_t, double> results_of(std::size_t count) {
  std::map<std::size_t, double> results;
  for (std::size_t i = 0; i < count; ++i) results[i] = std::abs(5.0 - 1.0 * i);
  return results;
}

TEST_CASE("the first points are those of a sweep without a search") {
  const auto random = yaml("{count: 16, optimizer.lr: {log_uniform: [1e-4, 1e-2]}}");
  const auto points = experiment::searched_points(random, 7, 10, {});
  const auto all = experiment::searched_points(random, 7, 16, {});
  REQUIRE(points.size() == 10);
  REQUIRE(all.size() == 16);
  for (std::size_t i = 0; i < points.size(); ++i) CHECK(same_content(points[i], all[i]));
}

TEST_CASE("proposals lie in the space and differ from all points") {
  const auto random = yaml(
      "count: 40\n"
      "optimizer.lr: {log_uniform: [1e-4, 1e-2]}\n"
      "model.latent: {int_uniform: [2, 5]}\n"
      "loss.beta: {uniform: [0.5, 4]}\n"
      "model.hidden: {choice: [[32], [32, 32], 64]}\n");
  const PointProposer proposer(random, *search_with("startup: 10")->tpe(), 3);
  std::vector<Value> proposed;
  std::vector<Value> points;
  std::set<std::string> seen;
  std::set<std::int64_t> latents;
  for (std::size_t i = 10; i < 40; ++i) {
    points = experiment::searched_points(random, 3, 10, proposed);
    REQUIRE(points.size() == i);
    const auto point = proposer.propose(points, results_of(i));
    CHECK(same_content(point, proposer.propose(points, results_of(i))));
    proposed.push_back(point);
    const double lr = *point.find("optimizer.lr")->as_real();
    CHECK(lr >= 1e-4);
    CHECK(lr <= 1e-2);
    const auto latent = *point.find("model.latent")->as_integer();
    CHECK(latent >= 2);
    CHECK(latent <= 5);
    latents.insert(latent);
    CHECK(*point.find("loss.beta")->as_real() <= 4);
    CHECK(seen.insert(point.canonical()).second);
  }
  CHECK(latents.size() > 1);
  CHECK(experiment::searched_points(random, 3, 10, proposed).size() == 40);
}

TEST_CASE("a small space is used up to its last point") {
  const auto random =
      yaml("{count: 6, model.latent: {int_uniform: [2, 4]}, loss.beta: {choice: [1, 4]}}");
  const PointProposer proposer(random, *search_with("startup: 2")->tpe(), 0);
  std::vector<Value> proposed;
  std::set<std::string> seen;
  for (std::size_t i = 2; i < 6; ++i)
    proposed.push_back(
        proposer.propose(experiment::searched_points(random, 0, 2, proposed), results_of(i)));
  for (const auto& point : experiment::searched_points(random, 0, 2, proposed))
    seen.insert(point.canonical());
  CHECK(seen.size() == 6);
}

TEST_CASE("a proposed point that is none of the space is refused") {
  const auto random = yaml("{count: 16, optimizer.lr: {log_uniform: [1e-4, 1e-2]}}");
  const auto refused = [&](const std::string& point) {
    CHECK_THROWS_AS(experiment::searched_points(random, 0, 10, {yaml(point)}), ConfigError);
  };
  refused("{optimizer.lr: 1}");
  refused("{optimizer.lr: x}");
  refused("{loss.beta: 1e-3}");
}

}  // namespace
}  // namespace varia::sweep
